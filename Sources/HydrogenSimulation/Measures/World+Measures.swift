import HydrogenConnection
import HydrogenMetrics
import HydrogenProtocol
import HydrogenShard

/// Curves, expectations, and what is told at the end.
extension World {
    mutating func takeSample() {
        let kinds = ConnectionStateMachine.Kind.allCases
        var counts = [Int32](repeating: 0, count: kinds.count)
        for loop in self.mirror.loops {
            for kind in kinds { counts[Int(kind.rawValue)] += Int32(loop.counts[Int(kind.rawValue)]) }
        }
        self.countRefusals()
        self.measures.current.at = self.elapsed
        self.measures.current.connections = counts
        self.measures.current.connectedClients = Int32(self.measures.servedCount)
        self.measures.current.queuedBytes = self.server.value(ofMetric: self.server.metrics.sendQueueBytes[0])
        self.measures.current.commandsAtServices = Int32(self.services.count)
        let blocked = self.server.metrics.blocked
        self.measures.current.blocked = Int32(
            (0..<blocked.count).reduce(0) { $0 + self.server.value(ofMetric: blocked[$1]) })
        self.measures.takeSample()
    }

    /// What the server dropped and refused since the last look.
    mutating func countRefusals() {
        let metrics = self.server.metrics
        let limited = (0..<metrics.rateLimited.count).reduce(0) { $0 + self.server.value(ofMetric: metrics.rateLimited[$1]) }
        let dropped = metrics.deliveries[ShardMetrics.DeliveryOutcome.dropped.rawValue]
        self.measures.count(dropped: self.server.value(ofMetric: dropped), limited: limited)
    }

    mutating func lookAtExpectation(_ index: Int) {
        switch self.scenario.expectations[index].condition {
        case .connections(let kinds, _, _, _, _):
            self.measures.trackers[index].look(self.connectionCount(in: kinds, of: self.measures.trackers[index].group))
        case .connectedClients:
            self.measures.trackers[index].look(self.measures.servedCount(of: self.measures.trackers[index].group))
        case .metric(let name, _, _, _):
            if let value = self.metric(named: name) { self.measures.trackers[index].look(Int(value)) }
        case .total, .rate, .latency:
            break
        }
    }

    private func connectionCount(in kinds: [ConnectionStateMachine.Kind], of group: Int?) -> Int {
        var count = 0
        for loop in self.mirror.loops {
            guard let group else {
                count += kinds.reduce(0) { $0 + Int(loop.counts[Int($1.rawValue)]) }
                continue
            }
            for entry in loop.entries where kinds.contains(entry.kind) {
                if Int(self.clients[Int(entry.client)].group) == group { count += 1 }
            }
        }
        return count
    }

    private func metric(named name: String) -> Int64? {
        self.server.metrics.table.slot(ofSample: name).map { self.server.value(ofMetric: $0) }
    }

    /// What came of the run.
    mutating func result() -> SimulationResult {
        for index in self.scenario.expectations.indices {
            if case .metric(_, _, _, nil) = self.scenario.expectations[index].condition { self.lookAtExpectation(index) }
        }
        self.takeSample()
        var result = SimulationResult(seed: self.seed)
        result.stepCount = self.stepCount
        result.simulatedTime = self.elapsed
        result.samples = self.measures.samples
        result.responseLatency = self.measures.responses
        result.deliveryLatency = self.measures.deliveries
        result.connectingLatency = self.measures.connecting
        result.transitions = self.mirror.transitions
        result.coverage = self.mirror.coverage
        result.faults = self.faults.counts
        self.totals.add(self.server)
        let metrics = self.server.metrics
        result.acceptedCount = self.totals.accepted(metrics)
        result.closeCodes = self.totals.closeCodes(metrics)
        result.limitsHit = self.totals.limitsHit(metrics)
        result.metrics = self.server.metrics.table.samples.map { ($0.name, self.server.value(ofMetric: $0.slot)) }
        let end = self.clock.now.nanoseconds
        result.expectations = self.measures.trackers.indices.map { self.measures.trackers[$0].outcome(end: end) }
        result.violation = self.violation
        result.inputs = self.inputs.taken
        result.timeline = self.measures.timeline
        return result
    }
}
