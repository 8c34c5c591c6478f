import HydrogenHTTP
import Testing

@Suite struct StatusDocumentTests {
    static let process = ProcessSample(
        cpuNanoseconds: 1_500_000_000, cpuLoadThousandths: 250, residentBytes: 4_096, virtualBytes: 8_192,
        threadCount: 7, openDescriptorCount: 12, maximumDescriptorCount: 1_024, startedAtHundredths: 170_000_000_012)

    @Test func theWholeDocument() {
        let document = StatusDocument(
            isRunning: true,
            server: .init(
                version: "1.0", node: "a\"b\\c\u{1}\n\u{1F}ü", startedAt: "2026-01-02T03:04:05.678Z",
                uptimeMilliseconds: 60_250),
            connections: .init(current: 2, total: 9, byState: [("connecting", 1), ("connected", 2)]),
            sessions: (live: 2, detached: 3), messages: (received: 10, sent: 11),
            errors: (connection: 1, protocol: 2, authentication: 3, application: 4), process: Self.process)
        #expect(
            String(decoding: document.json, as: UTF8.self) == #"""
                {"server_running":true,"memory_usage":4096,"cpu_load":0.25,"thread_count":7,"server":{"version":"1.0",\#
                "node":"a\"b\\c\u0001\u000a\u001fü","started_at":"2026-01-02T03:04:05.678Z","uptime_s":60.25},\#
                "connections":{"current":2,"total":9,"by_state":{"connecting":1,"connected":2}},\#
                "sessions":{"live":2,"detached":3},"messages":{"received":10,"sent":11},\#
                "errors":{"connection":1,"protocol":2,"authentication":3,"application":4},\#
                "process":{"cpu_s":1.5,"open_fds":12}}
                """#)
    }

    @Test func anEmptyListOfStatesIsAnEmptyObject() {
        let document = StatusDocument(
            isRunning: false, server: .init(version: "1", node: "n", startedAt: "", uptimeMilliseconds: 0),
            connections: .init(current: 0, total: 0, byState: []), sessions: (0, 0), messages: (0, 0),
            errors: (0, 0, 0, 0), process: Self.process)
        #expect(String(decoding: document.json, as: UTF8.self).contains(#""by_state":{}},"sessions""#))
    }
}
