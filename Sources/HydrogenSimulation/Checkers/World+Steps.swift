import HydrogenConnection
import HydrogenProtocol
import HydrogenShard

/// After every call of a shard: the steps of machines, and the counters at the end of a pass.
extension World {
    /// Rules 1 to 4: what the machines did since the last call.
    mutating func noteSteps(of loop: SimulatedLoop) {
        loop.shard.takeSteps(into: &self.steps)
        guard !self.steps.isEmpty else { return }
        for index in self.steps.indices {
            let step = self.steps[index]
            if self.trace.isOn { self.trace.step(step, loop.index) }
            self.options.observe?(.stepped(step))
            if let fault = self.mirror.take(step, at: loop.index, now: self.clock.now) {
                self.violate(fault.rule, fault.text, client: self.client(of: step.id, at: loop))
            }
            if step.before != step.after { self.kindChanged(step, loop) }
            if !self.measures.followed.isEmpty { self.follow(step, loop) }
        }
        self.steps.removeAll(keepingCapacity: true)
    }

    private mutating func kindChanged(_ step: MachineStep, _ loop: SimulatedLoop) {
        guard step.after == .inactive || step.after == .closing || step.after == .closed else { return }
        guard let client = self.client(of: step.id, at: loop) else { return }
        // From here on it need not get every event.
        self.events.disturb(client, at: self.clock.now)
    }

    /// The client of a connection, while it has a link.
    func client(of id: ConnectionID, at loop: SimulatedLoop) -> UInt32? {
        let link = loop.link(of: id)
        guard link != LinkTable.none, self.links[link].id == id, self.links[link].loop == loop.index,
            self.links.isInUse(Int(link))
        else { return nil }
        return self.links[link].client
    }

    private mutating func follow(_ step: MachineStep, _ loop: SimulatedLoop) {
        guard let client = self.client(of: step.id, at: loop) else { return }
        self.measures.follow(
            step, client: client, loop: loop.index, at: Interval(nanoseconds: self.clock.now.nanoseconds))
    }

    /// Rules 8 and 9: after each pass the counters say what the machines did, and no bound is exceeded.
    mutating func checkTurn(of loop: SimulatedLoop) {
        let metrics = self.server.metrics
        let mirror = loop.index
        for kind in ConnectionStateMachine.Kind.allCases {
            let seen = loop.shard.value(ofMetric: metrics.connections[Int(kind.rawValue)])
            let known = self.mirror.loops[mirror].counts[Int(kind.rawValue)]
            guard seen == known else {
                return self.violate(9, "loop \(loop.index) counts \(seen) connections in \(kind.label), there are \(known)")
            }
        }
        let accepted = loop.shard.value(ofMetric: metrics.accepted[0])
        guard accepted == loop.acceptedCount else {
            return self.violate(9, "loop \(loop.index) accepted \(loop.acceptedCount) and counts \(accepted)")
        }
        let freed = loop.shard.value(ofMetric: metrics.contextsFreed[0])
        let known = self.mirror.loops[mirror].freedCount + loop.closedAtAcceptCount
        guard freed == known else {
            return self.violate(9, "loop \(loop.index) freed \(known) contexts and counts \(freed)")
        }
        let counts = self.server.ledger.counts
        guard counts.connections == self.server.admittedCount else {
            return self.violate(
                8, "\(counts.connections) places of MaxConnections are taken by \(self.server.admittedCount) connections")
        }
        guard counts.handshakes == self.server.handshakeCount else {
            return self.violate(
                8, "\(counts.handshakes) places of MaxHandshakes are taken by \(self.server.handshakeCount) handshakes")
        }
        let configuration = self.configuration
        if counts.connections > configuration.maxConnections || counts.handshakes > configuration.maxHandshakes {
            self.violate(8, "\(counts) exceed MaxConnections or MaxHandshakes")
        }
    }

    /// Rule 8 for one connection: what it may hold.
    mutating func checkBounds(of id: ConnectionID, at loop: SimulatedLoop) {
        guard let held = loop.shard.inspect(slot: Int(id.slot)), held.id == id else { return }
        self.checkBounds(held, at: loop)
    }

    mutating func checkBounds(_ held: ConnectionInspection, at loop: SimulatedLoop) {
        let configuration = self.configuration
        let client = self.client(of: held.id, at: loop)
        if held.commandsInFlightCount > configuration.maxCommandsInFlight {
            self.violate(8, "\(held.commandsInFlightCount) commands in flight", client: client)
        }
        // One frame is always taken, whatever its size.
        let longestFrame = configuration.maxMessageBytes + 1024
        if held.backlogByteCount > max(configuration.maxSendQueueBytes, longestFrame) {
            self.violate(8, "\(held.backlogByteCount) bytes in a send queue", client: client)
        }
        if held.inboundByteCount > configuration.maxMessageBytes {
            self.violate(8, "\(held.inboundByteCount) bytes of an unfinished message", client: client)
        }
        if held.subscriptionCount > configuration.maxSubscriptions {
            self.violate(8, "\(held.subscriptionCount) subscriptions of a session", client: client)
        }
    }
}
