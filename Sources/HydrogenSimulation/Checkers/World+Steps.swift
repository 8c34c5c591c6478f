import HydrogenConnection
import HydrogenMetrics
import HydrogenProtocol
import HydrogenShard

/// The metrics that are looked at after every pass: small, since it is passed around.
struct CheckedSeries {
    let connections: SeriesBlock
    let accepted: Int
    let freed: Int
    let rateLimited: SeriesBlock

    init(_ metrics: ShardMetrics) {
        self.connections = metrics.connections
        self.accepted = metrics.accepted[0]
        self.freed = metrics.contextsFreed[0]
        self.rateLimited = metrics.rateLimited
    }
}

/// After every call of a shard: the steps of machines, and the counters at the end of a pass.
extension World {
    /// Rules 1 to 4: what the machines did since the last call.
    mutating func noteSteps(of loop: SimulatedLoop) {
        loop.shard.takeSteps(into: &self.steps)
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
        switch step.after {
        case .inactive, .closing, .closed: break
        case .connecting, .verifying, .established, .connected, .heartbeat, .failed, .rejected, .zombie, .freed: return
        }
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
        let index = loop.index
        if let kind = loop.shard.firstDifference(of: self.series.connections, from: self.mirror.loops[index].counts) {
            let seen = loop.shard.value(ofMetric: self.series.connections[kind])
            let known = self.mirror.loops[index].counts[kind]
            let label = ConnectionStateMachine.Kind.allCases[kind].label
            return self.violate(9, "loop \(index) counts \(seen) connections in \(label), there are \(known)")
        }
        let accepted = loop.shard.value(ofMetric: self.series.accepted)
        guard accepted == loop.acceptedCount else {
            return self.violate(9, "loop \(index) accepted \(loop.acceptedCount) and counts \(accepted)")
        }
        let freed = loop.shard.value(ofMetric: self.series.freed)
        let known = self.mirror.loops[index].freedCount + loop.closedAtAcceptCount
        guard freed == known else {
            return self.violate(9, "loop \(index) freed \(known) contexts and counts \(freed)")
        }
        self.checkLedger()
    }

    /// Rule 8: what all loops share is taken by those who have it, and within its bounds.
    private mutating func checkLedger() {
        let taken = self.server.ledger.counts
        let (admitted, handshakes) = (self.server.admittedCount, self.server.handshakeCount)
        guard taken.connections == admitted else {
            return self.violate(8, "\(taken.connections) places of MaxConnections are taken by \(admitted) connections")
        }
        guard taken.handshakes == handshakes else {
            return self.violate(8, "\(taken.handshakes) places of MaxHandshakes are taken by \(handshakes) handshakes")
        }
        if admitted > self.configuration.maxConnections || handshakes > self.configuration.maxHandshakes {
            self.violate(8, "\(taken) exceed MaxConnections or MaxHandshakes")
        }
    }

    /// Rule 8 for one connection: what it may hold.
    mutating func checkBounds(of id: ConnectionID, at loop: SimulatedLoop) {
        guard let held = loop.shard.inspect(slot: Int(id.slot)), held.id == id else { return }
        self.checkBounds(held, at: loop)
    }

    mutating func checkBounds(_ held: ConnectionInspection, at loop: SimulatedLoop) {
        let isWithin =
            held.commandsInFlightCount <= self.configuration.maxCommandsInFlight
            && held.backlogByteCount <= self.configuration.maxSendQueueBytes
            && held.inboundByteCount <= self.configuration.maxMessageBytes
            && held.subscriptionCount <= self.configuration.maxSubscriptions
            && held.replayCount <= ShardConfiguration.maximumReplayCount
        if isWithin { return }
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
        if held.replayCount > ShardConfiguration.maximumReplayCount {
            self.violate(8, "\(held.replayCount) ids of signed commands", client: client)
        }
    }
}
