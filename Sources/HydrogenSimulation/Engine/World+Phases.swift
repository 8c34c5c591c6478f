import HydrogenProtocol

/// The phases of a run: with faults, without, and after the goodbye (rule 10).
extension World {
    /// - Returns: whether the run is over.
    mutating func endPhase() -> Bool {
        self.sweep()
        switch self.phase {
        case .safety:
            guard let liveness = self.scenario.liveness else { return true }
            self.trace.note("liveness begins")
            self.phase = .liveness
            self.heal()
            self.heap.push(.phaseEnd, at: self.after(liveness.bound))
        case .liveness:
            self.checkEverybodyIsServed()
            self.checkEverythingIsDelivered()
            self.trace.note("farewell")
            self.phase = .farewell
            self.sayGoodbye()
            self.heap.push(.phaseEnd, at: self.after(self.farewellBound))
        case .farewell:
            self.checkNothingIsLeft()
            return true
        }
        return false
    }

    /// By when nothing may be left after everybody has gone: the sum of what the server may wait for.
    private var farewellBound: Interval {
        let timeouts = self.configuration.timeouts
        return [
            timeouts.handshake, timeouts.idleTimeout, timeouts.closeTimeout, timeouts.zombieTimeout,
            self.configuration.commandTimeout, self.configuration.sessions.resumeWindow, .seconds(10),
        ].reduce(.zero, +)
    }

    /// No more faults: the network is whole, services answer, and scripts are over.
    private mutating func heal() {
        self.faults.stop()
        self.durable?.heal()
        self.healTimeline()
        self.answerEverything()
        if !self.server.isUp, !self.timeline.isServerGoneForGood { self.startServerSoon() }
        for client in self.clients.indices { self.healForLiveness(UInt32(client)) }
    }

    /// Rule 10: who may come back is back.
    private mutating func checkEverybodyIsServed() {
        guard !self.timeline.isServerGoneForGood else { return }
        var servedCount = 0
        var missing: Int?
        for index in self.clients.indices {
            if self.clients[index].core.kind.isInService {
                servedCount += 1
            } else if self.mustBeServed(index), missing == nil {
                missing = index
            }
        }
        // Who does not get in because the server is full has waited long enough to say so.
        guard let missing, servedCount < self.configuration.maxConnections else { return }
        self.violate(
            10, "client \(missing) is not served again: it is \(self.clients[missing].core.kind.label)",
            client: UInt32(missing))
    }

    private mutating func sayGoodbye() {
        for client in self.clients.indices { self.leaveForGood(UInt32(client)) }
    }

    /// Rules 2, 8 and 10: after the goodbye there is nothing.
    private mutating func checkNothingIsLeft() {
        guard self.server.isUp else { return }
        for loop in self.server.loops {
            let left = loop.shard.occupancy
            let isEmpty =
                left.connectionCount == 0 && left.sessionCount == 0 && left.subscriptionCount == 0
                && left.commandCount == 0 && left.publicationCount == 0 && left.armedDeadlineCount == 0
            guard isEmpty else { return self.violate(10, "loop \(loop.index) is not empty after the goodbye: \(left)") }
            let queued = loop.shard.value(ofMetric: self.server.metrics.sendQueueBytes[0])
            guard queued == 0 else { return self.violate(9, "send_queue_bytes is \(queued) with no connection") }
            let kept = loop.shard.value(ofMetric: self.server.metrics.outboxEvents[0])
            guard kept == 0 else { return self.violate(9, "outbox_events is \(kept) with no session") }
            let places = self.server.places.takenCount(at: loop.index)
            guard places == 0 else { return self.violate(8, "\(places) places of loop \(loop.index) are never free again") }
        }
        self.checkStoreIsEmpty()
        let counts = self.server.ledger.counts
        if counts.connections != 0 { self.violate(8, "\(counts.connections) of MaxConnections are never free again") }
        if counts.handshakes != 0 { self.violate(8, "\(counts.handshakes) of MaxHandshakes are never free again") }
    }
}
