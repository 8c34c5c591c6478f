import Testing

@testable import HydrogenMetrics

@Suite struct MetricsTableTests {
    @Test func aGoodTableHasNoFaults() {
        #expect(Sample.table.faults == [])
    }

    typealias Build = @Sendable (inout MetricsTable) -> Void
    static let faulty: [(String, Build)] = [
        ("x_b: there are two families of this name", { _ = $0.gauge("b", help: "h"); _ = $0.counter("b_total", help: "h") }),
        ("x_a-b: not a metric name", { _ = $0.gauge("a-b", help: "h") }),
        ("x_A: not a metric name", { _ = $0.gauge("A", help: "h") }),
        ("x_a_total: ends in a suffix that samples take", { _ = $0.gauge("a_total", help: "h") }),
        ("x_a_count: ends in a suffix that samples take", { _ = $0.gauge("a_count", help: "h") }),
        ("x_a: no help", { _ = $0.gauge("a", help: "") }),
        ("x_a: not a label name: le", { _ = $0.gauge("a", help: "h", labels: ["le"], series: [["1"]]) }),
        ("x_a: not a label name: loop", { _ = $0.gauge("a", help: "h", labels: ["loop"], series: [["1"]]) }),
        ("x_a: not a label name: __a", { _ = $0.gauge("a", help: "h", labels: ["__a"], series: [["1"]]) }),
        ("x_a: no series", { _ = $0.gauge("a", help: "h", labels: ["l"], series: []) }),
        ("x_a: series 1 has 2 label values", { _ = $0.gauge("a", help: "h", labels: ["l"], series: [["1"], ["2", "3"]]) }),
        ("x_a: series 1 is there twice", { _ = $0.gauge("a", help: "h", labels: ["l"], series: [["1"], ["1"]]) }),
        ("x_a: a histogram of durations ends in _seconds", { _ = $0.histogram("a", help: "h", bucketsNanoseconds: [1]) }),
        ("x_a_seconds: bounds begin above 0", { _ = $0.histogram("a_seconds", help: "h", bucketsNanoseconds: []) }),
        ("x_a_seconds: bounds begin above 0", { _ = $0.histogram("a_seconds", help: "h", bucketsNanoseconds: [0]) }),
        ("x_a_seconds: bounds do not rise", { _ = $0.histogram("a_seconds", help: "h", bucketsNanoseconds: [1, 2, 2]) }),
    ]

    @Test(arguments: faulty.indices) func aFaultIsNamed(_ index: Int) {
        var table = MetricsTable(prefix: "x_")
        Self.faulty[index].1(&table)
        #expect(table.faults == [Self.faulty[index].0])
    }
}
