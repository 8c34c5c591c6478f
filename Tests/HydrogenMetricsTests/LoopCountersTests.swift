import Testing

@testable import HydrogenMetrics

@Suite struct LoopCountersTests {
    @Test func seriesOfSeveralFamiliesDoNotOverlap() {
        var table = MetricsTable()
        let received = table.counter("received_total", help: "r", labels: ["type"], series: [["a"], ["b"]])
        let connections = table.gauge("connections", help: "c")
        var counters = LoopCounters(table)
        counters.add(received[0])
        counters.add(received[1], 5)
        counters.add(connections[0], 3)
        counters.add(connections[0], -4)
        #expect([received[0], received[1], connections[0]].map { counters.value($0) } == [1, 5, -1])
        #expect(table.wordCount == 3)
    }

    @Test func aGaugeIsSet() {
        var table = MetricsTable()
        let gauge = table.gauge("queue_bytes", help: "q")
        var counters = LoopCounters(table)
        counters.set(gauge[0], 7)
        counters.set(gauge[0], 2)
        #expect(counters.value(gauge[0]) == 2)
    }

    @Test func aCounterWrapsInsteadOfTrapping() {
        var table = MetricsTable()
        let bytes = table.counter("received_bytes", help: "b")
        var counters = LoopCounters(table)
        counters.add(bytes[0], .max)
        counters.add(bytes[0], 1)
        #expect(counters.value(bytes[0]) == .min)
    }

    struct Observation: Sendable, CustomTestStringConvertible {
        var nanoseconds: Int64
        var bucket: Int
        var testDescription: String { "\(self.nanoseconds) in bucket \(self.bucket)" }
    }

    static let bounds: [Int64] = [10, 20, 50, 100, 1_000]
    static let observations: [Observation] =
        [Observation(nanoseconds: -1, bucket: 0), Observation(nanoseconds: 0, bucket: 0)]
        + bounds.enumerated().flatMap { index, bound in
            [
                Observation(nanoseconds: bound - 1, bucket: index), Observation(nanoseconds: bound, bucket: index),
                Observation(nanoseconds: bound + 1, bucket: index + 1),
            ]
        } + [Observation(nanoseconds: 1_000_000_000_000, bucket: bounds.count)]

    @Test(arguments: observations) func aBoundIsInclusive(_ observation: Observation) {
        var table = MetricsTable()
        _ = table.histogram("first_seconds", help: "h", bucketsNanoseconds: [7])
        let histogram = table.histogram(
            "second_seconds", help: "h", bucketsNanoseconds: Self.bounds, labels: ["l"], series: [["x"], ["y"]])
        var counters = LoopCounters(table)
        counters.observe(histogram, 1, nanoseconds: observation.nanoseconds)
        var expected = [Int64](repeating: 0, count: table.wordCount)
        expected[3 + 7 + observation.bucket] = 1
        expected[3 + 7 + 6] = max(0, observation.nanoseconds)
        #expect((0..<table.wordCount).map { counters.value($0) } == expected)
    }

    @Test func aSnapshotAddsUpThreads() {
        var table = MetricsTable()
        let gauge = table.gauge("sessions", help: "s", labels: ["state"], series: [["live"], ["detached"]])
        let histogram = table.histogram("rtt_seconds", help: "r", bucketsNanoseconds: [10, 20])
        let snapshot = MetricsSnapshot(threads: [
            .init(loop: 0, words: [5, 1, 1, 2, 3, 40], isFresh: true),
            .init(loop: nil, words: [-2, 1, 10, 20, 30, 2], isFresh: true),
        ])
        #expect(snapshot.total(gauge[0]) == 3)
        #expect(snapshot.total(gauge) == 5)
        #expect(snapshot.observationCount(histogram) == 66)
        #expect(snapshot.observationSum(histogram) == 42)
    }
}
