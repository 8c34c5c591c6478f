import HydrogenConnection
import HydrogenMetrics
import HydrogenProtocol
import HydrogenShard

/// What is too dear to be checked after every step: everything, at intervals and at the end of each phase.
extension World {
    /// How much longer than `CommandTimeout` a response may take to reach the transport.
    private static let responseSlack = Interval.milliseconds(500)

    mutating func sweep() {
        guard self.server.isUp else { return }
        for loop in self.server.loops {
            self.sweepConnections(of: loop)
            self.sweepCounters(of: loop)
            self.sweepTables(of: loop)
        }
        self.sweepLinks()
        self.sweepDelivery()
        for text in self.events.overdue(at: self.clock.now) { self.violate(6, text) }
    }

    /// Rules 2, 4 and 8: nothing waits for longer than it may, and the shard holds what its machines say.
    private mutating func sweepConnections(of loop: SimulatedLoop) {
        var backlog: Int64 = 0
        var inbound: Int64 = 0
        for slot in loop.shard.slotIndices {
            let entry = self.mirror.loops[loop.index].entries[slot]
            guard let held = loop.shard.inspect(slot: slot) else {
                if entry.kind != .freed { self.violate(2, "slot \(slot) is free and \(entry.kind.label)") }
                continue
            }
            backlog += Int64(held.backlogByteCount)
            inbound += Int64(held.inboundByteCount)
            let client = self.client(of: held.id, at: loop)
            if held.kind != entry.kind { self.violate(1, "slot \(slot) is \(held.kind.label) without a step") }
            self.checkBounds(held, at: loop)
            if let deadline = self.mirror.deadline(of: entry), deadline + VirtualClock.tick < self.clock.now {
                let late = (self.clock.now - deadline).milliseconds
                self.violate(4, "nothing happens to a connection in \(entry.kind.label) \(late) ms after its deadline", client: client)
            }
            if let started = entry.messageStartedAt,
                started + self.configuration.messageTimeout + VirtualClock.tick < self.clock.now
            {
                self.violate(4, "a message that is not finished outlives MessageTimeout", client: client)
            }
        }
        let counted = loop.shard.value(ofMetric: self.server.metrics.sendQueueBytes[0])
        if counted != backlog { self.violate(9, "send_queue_bytes is \(counted), and \(backlog) bytes wait") }
        let held = loop.shard.occupancy
        if held.heldByteCount != backlog + inbound || held.heldByteCount > held.maximumHeldByteCount {
            self.violate(
                8, "\(backlog + inbound) bytes are held for peers, counted as \(held.heldByteCount), at most \(held.maximumHeldByteCount)")
        }
    }

    /// Rule 9: transitions into a state less those out of it are its gauge.
    private mutating func sweepCounters(of loop: SimulatedLoop) {
        let metrics = self.server.metrics
        var balance = [Int64](repeating: 0, count: ConnectionStateMachine.Kind.allCases.count)
        for (index, transition) in StateMachineTable.legalTransitions.enumerated() {
            let count = loop.shard.value(ofMetric: metrics.transitions[index])
            balance[Int(transition.from.rawValue)] -= count
            balance[Int(transition.to.rawValue)] += count
        }
        balance[0] += loop.acceptedCount
        for kind in ConnectionStateMachine.Kind.allCases where kind != .freed {
            let gauge = loop.shard.value(ofMetric: metrics.connections[Int(kind.rawValue)])
            guard gauge == balance[Int(kind.rawValue)] else {
                return self.violate(9, "\(kind.label): transitions give \(balance[Int(kind.rawValue)]), the gauge is \(gauge)")
            }
        }
    }

    /// Rule 8: tables of a loop.
    private mutating func sweepTables(of loop: SimulatedLoop) {
        let held = loop.shard.occupancy
        let configuration = self.configuration
        let keyShare = (configuration.maxPublishKeys + self.server.loops.count - 1) / self.server.loops.count
        if held.retainedCount > configuration.maxRetained { self.violate(8, "\(held.retainedCount) retained events") }
        if held.publishKeyCount > keyShare { self.violate(8, "\(held.publishKeyCount) keys of publishes") }
        if held.armedDeadlineCount > held.connectionCount {
            self.violate(8, "\(held.armedDeadlineCount) deadlines of \(held.connectionCount) connections")
        }
        if held.largestOutbox > configuration.delivery.maxOutboxEvents {
            self.violate(8, "\(held.largestOutbox) events in an outbox")
        }
        self.sweepSessions(of: loop, held)
        if held.connectionCount != self.mirror.loops[loop.index].counts.reduce(0, +) {
            self.violate(9, "loop \(loop.index) holds \(held.connectionCount) connections")
        }
        let subscriptions = self.configuration.channels.indices.reduce(Int64(0)) { sum, channel in
            sum + loop.shard.value(ofMetric: self.server.metrics.subscriptions[channel])
        }
        if subscriptions != held.subscriptionCount {
            self.violate(9, "subscriptions are \(held.subscriptionCount), the gauges say \(subscriptions)")
        }
    }

    /// Rule 9: sessions are live or detached, and what came into an outbox is in it, or has its outcome.
    private mutating func sweepSessions(of loop: SimulatedLoop, _ held: ShardOccupancy) {
        let metrics = self.server.metrics
        func sum(_ block: SeriesBlock) -> Int64 { (0..<block.count).reduce(0) { $0 + loop.shard.value(ofMetric: block[$1]) } }
        let sessions = sum(metrics.sessions)
        if sessions != held.sessionCount { self.violate(9, "the gauges say \(sessions) sessions, there are \(held.sessionCount)") }
        let enqueued = loop.shard.value(ofMetric: metrics.outboxEnqueued[0])
        let settled = [ShardMetrics.DeliveryOutcome.acked, .dead, .expired].reduce(Int64(0)) {
            $0 + loop.shard.value(ofMetric: metrics.deliveries[$1.rawValue])
        }
        let kept = loop.shard.value(ofMetric: metrics.outboxEvents[0])
        if enqueued != settled + kept {
            self.violate(9, "\(enqueued) events came into outboxes, \(settled) are settled and \(kept) kept")
        }
    }

    /// Rule 5: no response is owed for longer than a service may take.
    private mutating func sweepLinks() {
        let latest =
            self.clock.now.nanoseconds - self.configuration.commandTimeout.nanoseconds - Self.responseSlack.nanoseconds
        // What waits for a commit has no time-out.
        guard self.lastStoreTrouble < latest else { return }
        for place in self.links.places where self.links.isInUse(place) {
            let link = UInt32(place)
            guard self.links[link].hasServerSide, self.links[link].grammar.phase == .open,
                let takenAt = self.links[link].owed.oldestTakenAt, takenAt < latest,
                self.mirror.kind(of: self.links[link].id, at: self.links[link].loop).isInService
            else { continue }
            // A slow reader's responses wait in its queue.
            let held = self.loop(self.links[link].loop).shard.inspect(slot: Int(self.links[link].id.slot))
            guard held?.backlogByteCount == 0 else { continue }
            let number = self.links[link].owed.entries.first?.number ?? 0
            self.violate(5, "command \(number) was never answered", client: self.links[link].client)
        }
    }
}
