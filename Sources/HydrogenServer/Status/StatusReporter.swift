import CLibwebsockets
import Glibc
import HydrogenConfiguration
import HydrogenConnection
import HydrogenHTTP
import HydrogenMetrics
import HydrogenProtocol
import HydrogenShard
import HydrogenThreads
import HydrogenTransport
import Synchronization

/// Tells how the server is: the metrics, and the status document.
final class StatusReporter: Sendable {
    private let node: String
    private let metrics: ShardMetrics
    private let scraper: MetricsScraper
    private let process = ProcessMonitor()
    private let started = Clock.now()
    /// Whether the WebSocket side serves.
    let isRunning = Atomic(false)
    let isReloadSuccessful = Atomic(true)
    /// Milliseconds since 1970.
    let reloadedAt: Atomic<Int64>
    /// The end of the certificate's life, in milliseconds since 1970; 0 without TLS.
    let certificateEndsAt = Atomic<Int64>(0)

    /// A loop that does not answer for so long shows what it showed last.
    private static let patienceMicroseconds: UInt32 = 200_000
    private static let pauseMicroseconds: UInt32 = 200

    init(node: String, metrics: ShardMetrics, sources: [MetricsSource]) {
        self.node = node
        self.metrics = metrics
        self.scraper = MetricsScraper(table: metrics.table, sources: sources)
        self.reloadedAt = Atomic(Clock.wallTime().milliseconds)
    }

    private func snapshot() -> MetricsSnapshot {
        self.scraper.scrape { round in
            usleep(Self.pauseMicroseconds)
            return UInt32(round) < Self.patienceMicroseconds / Self.pauseMicroseconds
        }
    }

    /// A whole scrape.
    func exposition(_ format: ExpositionFormat) -> [UInt8] {
        var computed: [ComputedFamily] = [
            .gauge(
                "hydrogen_config_last_reload_successful", help: "Whether the last reload was taken over.",
                [.init(.init(self.isReloadSuccessful.load(ordering: .relaxed) ? 1 : 0))]),
            .gauge(
                "hydrogen_config_last_reload_success_timestamp_seconds",
                help: "When the configuration was last taken over.",
                [.init(.milliseconds(self.reloadedAt.load(ordering: .relaxed)))]),
            .gauge(
                "hydrogen_build_info", help: "What runs here; always 1.",
                [
                    .init(
                        labels: [
                            ("version", Version.current), ("lws_version", Self.libwebsocketsVersion),
                            ("swift_version", Self.swiftVersion),
                        ], .init(1))
                ]),
        ]
        let certificateEndsAt = self.certificateEndsAt.load(ordering: .relaxed)
        if certificateEndsAt != 0 {
            computed.append(
                .gauge(
                    "hydrogen_tls_certificate_not_after_timestamp_seconds", help: "When the certificate expires.",
                    [.init(.milliseconds(certificateEndsAt))]))
        }
        computed += self.process.sample().families
        return HydrogenMetrics.exposition(of: self.metrics.table, self.snapshot(), computed: computed, format: format)
    }

    private static var libwebsocketsVersion: String {
        guard let text = unsafe lws_get_library_version() else { return "" }
        // "4.1.6 v4.1.6-…": the number is what stands before the blank.
        return String(unsafe String(cString: text).prefix { $0 != " " && $0 != "-" })
    }

    /// The compiler's language version.
    private static var swiftVersion: String {
        #if swift(>=6.3)
            "6.3"
        #else
            "6.2"
        #endif
    }

    /// The status document, in JSON.
    func status() -> [UInt8] {
        let snapshot = self.snapshot()
        let now = Clock.now()
        let states = ConnectionStateMachine.Kind.allCases
        var started: [UInt8] = []
        var timestamps = TimestampWriter()
        timestamps.append(self.started.wall, to: &started)
        let errors = ErrorCategory.allCases.map { category in
            ErrorCode.allCases.filter { $0.category == category }.reduce(Int64(0)) { sum, code in
                sum + snapshot.total(self.metrics.errors[Int(code.rawValue)])
            }
        }
        return StatusDocument(
            isRunning: self.isRunning.load(ordering: .relaxed),
            server: .init(
                version: Version.current, node: self.node, startedAt: String(decoding: started, as: UTF8.self),
                uptimeMilliseconds: (now.instant - self.started.instant).milliseconds),
            connections: .init(
                current: states.filter(\.countsAsConnection).reduce(Int64(0)) { sum, state in
                    sum + snapshot.total(self.metrics.connections[Int(state.rawValue)])
                },
                total: snapshot.total(self.metrics.accepted),
                byState: states.map { ("\($0.label)", snapshot.total(self.metrics.connections[Int($0.rawValue)])) }),
            sessions: (snapshot.total(self.metrics.sessions[0]), snapshot.total(self.metrics.sessions[1])),
            messages: (snapshot.total(self.metrics.received), snapshot.total(self.metrics.sent)),
            errors: (errors[0], errors[1], errors[2], errors[3]), process: self.process.sample()
        ).json
    }
}
