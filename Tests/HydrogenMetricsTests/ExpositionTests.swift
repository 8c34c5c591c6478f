import Foundation
import HydrogenMetrics
import Testing

@Suite struct ExpositionTests {
    @Test func prometheusText() {
        #expect(
            Sample.text(.prometheusText) == #"""
                # HELP hydrogen_connections Connections by state.
                # TYPE hydrogen_connections gauge
                hydrogen_connections{state="open"} 4
                hydrogen_connections{state="closed"} 1
                # HELP hydrogen_received_bytes_total Payload.
                # TYPE hydrogen_received_bytes_total counter
                hydrogen_received_bytes_total 35
                # HELP hydrogen_errors_total A "quoted" back\\slash,\nand a line.
                # TYPE hydrogen_errors_total counter
                hydrogen_errors_total{category="a\"b",code="c\\d"} 4
                hydrogen_errors_total{category="e\nf",code="grüß"} 6
                # HELP hydrogen_rtt_seconds Round trips.
                # TYPE hydrogen_rtt_seconds histogram
                hydrogen_rtt_seconds_bucket{channel="system",le="2.5e-05"} 1
                hydrogen_rtt_seconds_bucket{channel="system",le="1.0"} 3
                hydrogen_rtt_seconds_bucket{channel="system",le="+Inf"} 7
                hydrogen_rtt_seconds_sum{channel="system"} 9.000000025
                hydrogen_rtt_seconds_count{channel="system"} 7
                # HELP hydrogen_loop_iteration_seconds Turns.
                # TYPE hydrogen_loop_iteration_seconds histogram
                hydrogen_loop_iteration_seconds_bucket{loop="0",le="0.0005"} 5
                hydrogen_loop_iteration_seconds_bucket{loop="0",le="+Inf"} 11
                hydrogen_loop_iteration_seconds_sum{loop="0"} 0.0000007
                hydrogen_loop_iteration_seconds_count{loop="0"} 11
                hydrogen_loop_iteration_seconds_bucket{loop="1",le="0.0005"} 1
                hydrogen_loop_iteration_seconds_bucket{loop="1",le="+Inf"} 1
                hydrogen_loop_iteration_seconds_sum{loop="1"} 0.0004
                hydrogen_loop_iteration_seconds_count{loop="1"} 1
                # HELP hydrogen_loop_mailbox_messages Mail.
                # TYPE hydrogen_loop_mailbox_messages gauge
                hydrogen_loop_mailbox_messages{loop="0"} 8
                hydrogen_loop_mailbox_messages{loop="1"} 9
                # HELP process_cpu_seconds_total CPU time.
                # TYPE process_cpu_seconds_total counter
                process_cpu_seconds_total 12.34
                # HELP hydrogen_build_info Always 1.
                # TYPE hydrogen_build_info gauge
                hydrogen_build_info{version="1.0",lws_version="4.1.6"} 1

                """#)
    }

    @Test func openMetricsDiffersInHeadsAndEnd() {
        let text = Sample.text(.openMetrics)
        let older = Sample.text(.prometheusText)
        func samples(_ text: String) -> [Substring] { text.split(separator: "\n").filter { !$0.hasPrefix("#") } }
        func heads(_ text: String) -> [Substring] { text.split(separator: "\n").filter { $0.hasPrefix("#") } }
        #expect(samples(text) == samples(older))
        #expect(
            heads(text).map(String.init) == [
                "# HELP hydrogen_connections Connections by state.", "# TYPE hydrogen_connections gauge",
                "# HELP hydrogen_received_bytes Payload.", "# TYPE hydrogen_received_bytes counter",
                "# UNIT hydrogen_received_bytes bytes",
                #"# HELP hydrogen_errors A \"quoted\" back\\slash,\nand a line."#, "# TYPE hydrogen_errors counter",
                "# HELP hydrogen_rtt_seconds Round trips.", "# TYPE hydrogen_rtt_seconds histogram",
                "# UNIT hydrogen_rtt_seconds seconds",
                "# HELP hydrogen_loop_iteration_seconds Turns.", "# TYPE hydrogen_loop_iteration_seconds histogram",
                "# UNIT hydrogen_loop_iteration_seconds seconds",
                "# HELP hydrogen_loop_mailbox_messages Mail.", "# TYPE hydrogen_loop_mailbox_messages gauge",
                "# HELP process_cpu_seconds CPU time.", "# TYPE process_cpu_seconds counter",
                "# UNIT process_cpu_seconds seconds",
                "# HELP hydrogen_build_info Always 1.", "# TYPE hydrogen_build_info gauge", "# EOF",
            ])
        #expect(text.hasSuffix("\n# EOF\n"))
    }

    static let promtool = ["/usr/bin/promtool", "/usr/local/bin/promtool"].first(
        where: FileManager.default.isExecutableFile(atPath:))

    @Test(.enabled(if: promtool != nil, "promtool (Debian package prometheus) is not installed"))
    func promtoolFindsNothing() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(Self.promtool))
        process.arguments = ["check", "metrics"]
        let input = Pipe()
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        process.standardError = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(Sample.text(.prometheusText).utf8))
        try input.fileHandleForWriting.close()
        let said = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(String(decoding: said, as: UTF8.self) == "")
    }
}
