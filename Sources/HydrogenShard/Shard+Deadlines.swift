import HydrogenConnection
import HydrogenProtocol

extension Shard {
    /// Does what is due by now.
    package mutating func advance(to now: Moment) {
        while let slot = self.connectionDeadlines.firstDue(at: now.instant) {
            self.deadlineReached(Int(slot), at: now)
        }
        self.endConflationIntervals(at: now)
        self.expireCommands(at: now)
        self.expireKeys(at: now)
        self.expireSessions(at: now)
        self.sendAgain(at: now)
        self.continueDrain(at: now)
        self.advanceBlocks(to: now)
    }

    private mutating func deadlineReached(_ slot: Int, at now: Moment) {
        let isMessageLate = self.connections[slot].isMessageOpen && self.connections[slot].machine.acceptsWork
            && self.connections[slot].messageStartedAt + self.configuration.messageTimeout <= now.instant
        if isMessageLate {
            self.close(slot, .policyViolation, because: .framing, at: now)
        }
        self.step(.deadlineReached, slot: slot, at: now)
        // The heap is told in any case: what it keeps as due is asked for again.
        guard self.connections.isInUse(slot) else { return self.connectionDeadlines.set(nil, for: UInt32(slot)) }
        self.armDeadline(slot)
    }

    /// Remembers when the key of a connection ends.
    mutating func watchExpiry(of grant: Grant, slot: Int, at now: Moment) {
        guard let expires = grant.expires else { return self.keyExpiries.set(nil, for: UInt32(slot)) }
        self.keyExpiries.set(Self.wallInstant(expires), for: UInt32(slot))
        self.planKeyCheck(at: now)
    }

    /// Closes the connections whose key has expired.
    private mutating func expireKeys(at now: Moment) {
        guard let check = self.nextKeyCheck, check <= now.instant else { return }
        while let slot = self.keyExpiries.popDue(at: Self.wallInstant(now.wall)) {
            self.close(Int(slot), .keyEnded, because: .authenticationExpired, at: now)
        }
        self.planKeyCheck(at: now)
    }

    /// The wall clock may be set at any time, so an expiry is looked at each second at the least.
    private mutating func planKeyCheck(at now: Moment) {
        guard let earliest = self.keyExpiries.earliest else {
            self.nextKeyCheck = nil
            return
        }
        let wait = earliest - Self.wallInstant(now.wall)
        self.nextKeyCheck = now.instant + min(max(wait, .milliseconds(1)), .seconds(1))
    }

    /// A wall time as the heap orders it.
    private static func wallInstant(_ time: WallTime) -> Instant {
        Instant(nanoseconds: min(max(time.milliseconds, 0), 9_000_000_000_000) * 1_000_000)
    }
}
