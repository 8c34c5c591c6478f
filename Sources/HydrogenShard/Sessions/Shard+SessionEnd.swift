import HydrogenConnection
import HydrogenProtocol

extension Shard {
    /// The transport of a connection is gone. A client that closed with 1000 has ended its session; any other end
    /// leaves it waiting.
    mutating func leaveSession(_ slot: Int, at now: Moment) {
        // Only a client closes with 1000.
        let hasEnded = self.connections[slot].machine.closeCode == CloseCode.normal.rawValue
        self.leaveAttachment(slot, hasEnded: hasEnded)
        let session = self.connections[slot].session
        guard session != SessionTable.none else { return }
        self.connections[slot].session = SessionTable.none
        if hasEnded {
            self.endSession(session)
        } else {
            self.detach(session, at: now)
        }
    }

    /// The session waits for its client, for `ResumeWindow`.
    mutating func detach(_ session: UInt32, at now: Moment) {
        let window = self.configuration.sessions.resumeWindow
        guard window > .zero, self.configuration.sessions.maxDetached > 0,
            // Nobody could resume it.
            self.keys.mayReturn(self.sessions[session].grant)
        else { return self.endSession(session) }
        self.sessions[session].attachment = .detached
        self.returnSendings(of: session)
        self.countSessions(.live, -1)
        self.countSessions(.detached, 1)
        self.sessionExpiries.set(now.instant + window, for: session)
        self.ledger.addDetached(1)
        self.tellLongestDetached()
        self.keepDetachedWithinBounds()
    }

    /// The session ends: its subscriptions are gone.
    mutating func endSession(_ session: UInt32) {
        if self.sessions[session].attachment == .detached {
            self.leaveDetached(session)
        } else {
            self.countSessions(.live, -1)
        }
        self.expireOutbox(of: session)
        for subscription in self.sessions[session].subscriptions where !KnownBug.subscriptionKept.isLoose {
            self.removeSubscription(subscription)
        }
        self.store?.end(session)
        self.sessions.remove(session)
    }

    /// The session is detached no longer: it goes on, or it ends.
    mutating func leaveDetached(_ session: UInt32) {
        self.sessionExpiries.set(nil, for: session)
        self.ledger.addDetached(-1)
        self.countSessions(.detached, -1)
        self.tellLongestDetached()
    }

    /// Ends the sessions whose client did not come back.
    mutating func expireSessions(at now: Moment) {
        while let session = self.sessionExpiries.popDue(at: now.instant) { self.endSession(session) }
    }

    /// Of all loops, the session that is detached longest makes room for one that came later.
    mutating func keepDetachedWithinBounds() {
        guard self.ledger.detached > self.configuration.sessions.maxDetached else { return }
        let loop = self.ledger.loopOfLongestDetached(loopCount: self.places.loopCount)
        if loop != self.loop, self.places.reserve(of: .sessions, at: loop) {
            self.effects.append(.post(.expireLongestDetached, to: loop))
        } else if let session = self.sessionExpiries.popEarliest() {
            // Where the other loop has no place, the oldest of our own goes: the bound holds all the same.
            self.endSession(session)
        }
    }

    private mutating func tellLongestDetached() {
        let since = self.sessionExpiries.earliest.map {
            $0 + Interval(nanoseconds: -self.configuration.sessions.resumeWindow.nanoseconds)
        }
        self.ledger.setLongestDetached(since, at: self.loop)
    }

    mutating func countSessions(_ state: ShardMetrics.SessionState, _ difference: Int64) {
        self.counters.add(self.metrics.sessions[state.rawValue], difference)
    }
}
