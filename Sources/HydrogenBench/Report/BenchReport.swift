import Histogram

/// What a run came to.
package struct BenchReport: Sendable {
    package var mode: BenchPlan.Mode
    package var connectionCount: Int
    package var depth: Int
    package var rate: Double?
    package var seconds: Double
    /// Answers, deliveries, or connections that were opened.
    package var messageCount: Int
    package var errorCount: Int
    package var skippedCount: Int
    package var pingCount: Int
    /// CPU time of the load generator, and of the server's process where that was asked for.
    package var clientCPUSeconds: Double
    package var serverCPUSeconds: Double?
    /// In a closed loop as seen; in an open loop from when each message should have been sent.
    package var latency: Latency
    /// What a closed loop would have seen if it had not waited: see `Latency.corrected`.
    package var correctedLatency: Latency

    package var perSecond: Double { self.seconds > 0 ? Double(self.messageCount) / self.seconds : 0 }

    init(_ plan: BenchPlan, _ measurements: [Measurement]) {
        self.mode = plan.mode
        self.connectionCount = plan.connectionCount
        self.depth = plan.depth
        self.rate = plan.rate
        let start = measurements.map(\.startedAt).min() ?? 0
        let end = measurements.map(\.endedAt).max() ?? 0
        self.seconds = Double(end - start) / 1e9
        self.messageCount = measurements.reduce(0) { $0 + $1.messageCount }
        self.errorCount = measurements.reduce(0) { $0 + $1.errorCount }
        self.skippedCount = measurements.reduce(0) { $0 + $1.skippedCount }
        self.pingCount = measurements.reduce(0) { $0 + $1.pingCount }
        self.clientCPUSeconds = Double(measurements.reduce(0) { $0 + $1.cpuNanoseconds }) / 1e9
        self.serverCPUSeconds = measurements.compactMap(\.serverCPUNanoseconds).first.map { Double($0) / 1e9 }
        var all = Measurement().latencies
        for measurement in measurements { all.add(measurement.latencies) }
        self.latency = Latency(all)
        self.correctedLatency = plan.rate == nil ? Latency.corrected(all) : self.latency
    }
}

/// Percentiles in nanoseconds.
package struct Latency: Sendable, Equatable {
    package var percentiles: [UInt64]
    package var mean: Double
    package var maximum: UInt64

    /// Which percentiles are told.
    package static let ranks: [(name: String, percent: Double)] = [
        ("p50", 50), ("p90", 90), ("p99", 99), ("p99.9", 99.9), ("p99.99", 99.99),
    ]

    init(_ histogram: Histogram<UInt64>) {
        self.percentiles = Self.ranks.map { histogram.valueAtPercentile($0.percent) }
        self.mean = histogram.totalCount == 0 ? 0 : histogram.mean
        self.maximum = histogram.max
    }

    /// Corrected for coordinated omission: a client that waits for an answer does not send what it would have sent
    /// meanwhile, so a stall of the server is seen once instead of by all that it would have held up. For each answer that
    /// took longer than the median, those that would have been sent at the pace of the median are added (Gil Tene's
    /// correction of a closed loop).
    static func corrected(_ seen: Histogram<UInt64>) -> Latency {
        guard seen.totalCount > 0 else { return Latency(seen) }
        let interval = max(1, seen.median)
        var corrected = Histogram<UInt64>(
            lowestDiscernibleValue: seen.lowestDiscernibleValue, highestTrackableValue: seen.highestTrackableValue,
            numberOfSignificantValueDigits: seen.numberOfSignificantValueDigits)
        for step in seen.recordedValues() {
            corrected.recordCorrectedValue(step.value, count: step.count, expectedInterval: interval)
        }
        return Latency(corrected)
    }
}
