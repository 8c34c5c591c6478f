import HydrogenProtocol

/// Time-outs: when the machine wants to be woken, and what it does then.
extension ConnectionStateMachine {
    /// The instant at which `deadlineReached` is to be handed in, not before and at most a tick later; nil when
    /// nothing is waited for. A frame that arrives only moves it, so that a timer armed for an earlier instant
    /// stays as it is: the machine ignores the wake-up, and the driver arms the timer anew.
    package func deadline(_ timeouts: Timeouts) -> Instant? {
        switch self.kind {
        case .connecting, .verifying, .established:
            self.since + timeouts.handshake
        case .connected:
            self.lastReceivedAt + timeouts.silenceBeforePing
        case .heartbeat:
            self.pingSentAt + timeouts.heartbeatTimeout
        case .inactive:
            min(self.pingSentAt + timeouts.heartbeatTimeout, self.endOfPatience(timeouts))
        case .closing where KnownBug.closeTimeoutForgotten.isLoose:
            nil
        case .closing, .failed, .rejected:
            self.marks.isDisjoint(with: [.transportEnded, .aborted]) ? self.since + timeouts.closeTimeout : nil
        case .zombie:
            self.since + timeouts.zombieTimeout
        case .closed, .freed:
            nil
        }
    }

    /// When a peer that missed its heartbeat is given up.
    private func endOfPatience(_ timeouts: Timeouts) -> Instant {
        let start = KnownBug.patienceTooShort.isLoose ? self.lastReceivedAt : self.since
        return min(start + timeouts.inactiveTimeout, self.lastReceivedAt + timeouts.idleTimeout)
    }

    mutating func deadlineReached(at now: Instant, _ timeouts: Timeouts) -> Action {
        guard let deadline = self.deadline(timeouts) else { return .ignored(.nothingArmed) }
        guard deadline <= now else { return .ignored(.notYetDue) }
        switch self.kind {
        case .connecting, .verifying:
            self.closeReason = .connectionHandshakeTimeout
            self.enter(.failed, at: now)
            return .endTransport
        case .established:
            // 4408 and not 1001: a time-out has run out here, nothing drains; and the client may come back.
            self.startClosing(.heartbeatTimeout, .connectionHandshakeTimeout, at: now)
            return .beginClosing(.heartbeatTimeout)
        case .connected:
            self.pingSentAt = now
            self.enter(.heartbeat, at: now)
            return .sendPing
        case .heartbeat:
            self.pingSentAt = now
            self.enter(.inactive, at: now)
            return .repeatPing
        case .inactive:
            guard now < self.endOfPatience(timeouts) else {
                self.startClosing(.heartbeatTimeout, .connectionIdle, at: now)
                return .beginClosing(.heartbeatTimeout)
            }
            self.pingSentAt = now
            return .repeatPing
        case .closing, .failed, .rejected:
            self.marks.insert(.aborted)
            return .abort
        case .zombie:
            let orphans = self.references
            self.references = 0
            self.enter(.freed, at: now)
            return .freeOrphans(count: orphans)
        case .closed, .freed:
            return .ignored(.nothingArmed)
        }
    }
}
