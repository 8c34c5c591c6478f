import HydrogenMetrics

/// A small table with a family of each kind, and what two loops and a thread beside them counted.
enum Sample {
    static let table: MetricsTable = {
        var table = MetricsTable()
        _ = table.gauge("connections", help: "Connections by state.", labels: ["state"], series: [["open"], ["closed"]])
        _ = table.counter("received_bytes_total", help: "Payload.")
        _ = table.counter(
            "errors_total", help: "A \"quoted\" back\\slash,\nand a line.", labels: ["category", "code"],
            series: [["a\"b", "c\\d"], ["e\nf", "grüß"]])
        _ = table.histogram(
            "rtt_seconds", help: "Round trips.", bucketsNanoseconds: [25_000, 1_000_000_000], labels: ["channel"],
            series: [["system"]])
        _ = table.histogram(
            "loop_iteration_seconds", help: "Turns.", bucketsNanoseconds: [500_000], scope: .perLoop)
        _ = table.gauge("loop_mailbox_messages", help: "Mail.", scope: .perLoop)
        return table
    }()

    static let snapshot = MetricsSnapshot(threads: [
        .init(loop: 0, words: [3, -1, 10, 1, 2, 1, 2, 3, 4_000_000_025, 5, 6, 700, 8], isFresh: true),
        .init(loop: 1, words: [1, 2, 20, 3, 4, 0, 0, 1, 5_000_000_000, 1, 0, 400_000, 9], isFresh: false),
        .init(loop: nil, words: [0, 0, 5, 0, 0, 0, 0, 0, 0, 99, 99, 99, 99], isFresh: true),
    ])

    static let computed: [ComputedFamily] = [
        .counter("process_cpu_seconds_total", help: "CPU time.", [.init(.init(1_234, decimals: 2))]),
        .gauge(
            "hydrogen_build_info", help: "Always 1.",
            [.init(labels: [("version", "1.0"), ("lws_version", "4.1.6")], .init(1))]),
    ]

    static func text(_ format: ExpositionFormat) -> String {
        String(decoding: exposition(of: table, snapshot, computed: computed, format: format), as: UTF8.self)
    }
}
