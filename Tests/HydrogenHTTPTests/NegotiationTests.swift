import Foundation
import HydrogenMetrics
import Testing

@testable import HydrogenHTTP

@Suite struct NegotiationTests {
    static let accepts: [(String?, ExpositionFormat)] = [
        (nil, .prometheusText), ("", .prometheusText), ("*/*", .prometheusText), ("text/html", .prometheusText),
        ("text/plain", .prometheusText), ("text/*", .prometheusText), ("application/*", .prometheusText),
        ("application/openmetrics-text", .openMetrics), ("Application/OpenMetrics-Text", .openMetrics),
        ("application/openmetrics-text;version=1.0.0", .openMetrics),
        ("application/openmetrics-text; version=\"1.0.0\"; charset=utf-8", .openMetrics),
        ("application/openmetrics-text;version=0.0.1", .prometheusText),
        ("application/openmetrics-text;version=0.0.1,application/openmetrics-text;version=1.0.0;q=0.2", .openMetrics),
        ("application/openmetrics-text;q=0", .prometheusText),
        ("application/openmetrics-text;q=0.0,*/*", .prometheusText),
        ("application/openmetrics-text, */*", .openMetrics),
        ("application/openmetrics-text;q=0.5, */*;q=0.1", .openMetrics),
        ("application/openmetrics-text;q=0.5, text/plain", .prometheusText),
        ("application/openmetrics-text;q=0.5, text/plain;q=0.499", .openMetrics),
        ("application/openmetrics-text;q=0.5, text/plain;q=0.501", .prometheusText),
        ("application/openmetrics-text, text/plain", .prometheusText),
        ("application/openmetrics-text, text/plain;version=1.0.0", .openMetrics),
        ("application/openmetrics-text;q=1.001", .prometheusText),
        ("application/openmetrics-text;q=high", .prometheusText),
        ("application/openmetrics-text;q=-1", .prometheusText),
        (";;,,;q=,application/openmetrics-text", .openMetrics),
        // What Prometheus 2 and 3 send.
        (
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1", .openMetrics
        ),
        (
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
                + "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,"
                + "text/plain;version=0.0.4;q=0.2,*/*;q=0.1", .openMetrics
        ),
        ("text/plain;version=0.0.4;q=0.5,*/*;q=0.1", .prometheusText),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", .prometheusText),
    ]

    @Test(arguments: accepts) func format(_ accept: String?, _ format: ExpositionFormat) {
        #expect(preferredFormat(accept) == format)
    }

    static let encodings: [(String?, Bool)] = [
        (nil, false), ("", false), ("gzip", true), ("GZIP", true), ("x-gzip", true), ("deflate, gzip;q=0.5", true),
        ("gzip;q=0", false), ("gzip; q=0.000", false), ("*", true), ("*;q=0", false), ("gzip;q=0, *", false),
        ("identity", false), ("br", false), ("gzipped", false), ("gzip;q=0.001", true), ("gzip;q=no", false),
    ]

    @Test(arguments: encodings) func encoding(_ acceptEncoding: String?, _ isAccepted: Bool) {
        #expect(acceptsGzip(acceptEncoding) == isAccepted)
    }

    @Test func openMetricsByHTTP() throws {
        let server = try TestServer.start()
        let client = try HTTPClient(port: server.port)
        let response = try client.request("GET", "/metrics", ["Accept": "application/openmetrics-text;version=1.0.0"])
        #expect(response.headers["content-type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8")
        #expect(response.text.hasPrefix("# open\n"))
    }

    @Test func severalAcceptHeadersAreOneList() {
        let request = HTTPRequest(
            method: "GET", path: "/", headers: [("Accept", "text/plain;q=0.1"), ("ACCEPT", "application/openmetrics-text")])
        #expect(preferredFormat(request.header("accept")) == .openMetrics)
    }

    @Test func curlUnpacksWhatWasPacked() throws {
        let server = try TestServer.start()
        let url = "http://127.0.0.1:\(server.port)/metrics"
        let plain = try curl([url])
        let packed = try curl(["-H", "Accept-Encoding: gzip", url])
        #expect(try curl(["--compressed", url]) == plain)
        #expect(packed.starts(with: [0x1F, 0x8B]))
        #expect(packed.count < plain.count / 10)
        let head = String(decoding: try curl(["-I", "-H", "Accept-Encoding: gzip", url]), as: UTF8.self)
        #expect(head.contains("Content-Encoding: gzip\r\n"))
        #expect(head.contains("Content-Length: \(packed.count)\r\n"))
        #expect(head.contains("Vary: Accept, Accept-Encoding\r\n"))
    }

    @Test(arguments: [(1_023, false), (1_024, true), (1_025, true)])
    func aShortBodyIsNotPacked(_ count: Int, _ isPacked: Bool) {
        let router = HTTPRouter([
            HTTPRoute(method: "GET", path: "/") { _ in
                HTTPResponse(status: 200, contentType: "text/plain", body: [UInt8](repeating: 65, count: count))
            }
        ])
        let request = HTTPRequest(method: "GET", path: "/", headers: [("Accept-Encoding", "gzip")])
        guard case .answered(let response) = router.admit(request) else { return #expect(Bool(false)) }
        #expect(response.headers.contains { $0.name == "Content-Encoding" } == isPacked)
    }
}

/// What `curl` prints.
func curl(_ arguments: [String]) throws -> [UInt8] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/curl")
    process.arguments = ["--silent", "--show-error", "--max-time", "10"] + arguments
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return [UInt8](bytes)
}
