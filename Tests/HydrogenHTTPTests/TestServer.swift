import HydrogenHTTP
import HydrogenMetrics

/// A server on a free port of loopback, with a source that can be recognised.
enum TestServer {
    static func source(readiness: Readiness = .ready) -> HTTPSource {
        HTTPSource(
            metrics: { format in
                let line = format == .openMetrics ? "# open\n" : "# text\n"
                return Array(String(repeating: line, count: 1_000).utf8)
            }, readiness: { readiness }, status: { Array(#"{"server_running":true}"#.utf8) })
    }

    static func start(
        interface: String = "127.0.0.1", port: UInt16 = 0, source: HTTPSource = source(),
        _ change: (inout HTTPServer.Options) -> Void = { _ in }
    ) throws -> HTTPServer {
        var options = HTTPServer.Options(interface: interface, port: port, version: "1.2.3<b>")
        change(&options)
        return try HTTPServer(options, source: source)
    }
}
