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
}
