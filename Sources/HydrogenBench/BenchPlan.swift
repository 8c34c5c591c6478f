/// What a run of the load generator is to do.
package struct BenchPlan: Sendable {
    package enum Mode: String, Sendable, CaseIterable {
        /// Each connection sends messages, each of which is answered.
        case command
        /// One connection publishes, all others receive.
        case fanout
        /// Connections are opened and held.
        case idle
        /// Connections are opened and closed, again and again.
        case churn
    }

    /// When a run ends, beside by a fault.
    package enum End: Sendable {
        case after(seconds: Double)
        /// After so many answers, deliveries, or handshakes; in mode `idle` after so many connections are open.
        case messages(Int)
    }

    package var mode: Mode
    package var target: BenchTarget
    /// Where the publisher of `fanout` connects; nil: where all others do.
    package var publishTarget: BenchTarget?
    /// The sub-protocol that is offered; nil: none. `hydrogen-protocol` is spoken, with any other the payload goes as it is.
    package var subprotocol: String?
    package var headers: [(name: String, value: String)]
    /// The key of the handshake (`Authorization: Key …`).
    package var key: String?
    /// PEM file of the authorities that a server's certificate is checked against; nil: those of the system.
    package var authorityPath: String?
    package var connectionCount: Int
    /// Messages of a connection, or events of the publisher, that are under way at a time.
    package var depth: Int
    /// Messages a second over all connections, sent whether the answers come or not; nil: each waits for an answer.
    package var rate: Double?
    package var end: End
    /// Seconds before anything is counted.
    package var warmUp: Double
    /// The `data` of a command or event, and with another sub-protocol than Hydrogen's the whole message; nil: one is made.
    package var payload: [UInt8]?
    /// The bytes of a message that is made.
    package var messageByteCount: Int
    /// Where commands go, or events are published; nil: `system` and `ping`, or `print` and `bench.event`.
    package var channel: String?
    package var action: String?
    /// Of `fanout`: subscriptions to other topics, and to this one with filters that never match, which the publisher has:
    /// what they cost the delivery to others is measured.
    package var otherTopicCount = 0
    package var otherFilterCount = 0
    /// The process whose CPU time is told; it must run on this machine.
    package var serverProcess: Int32?

    /// Whether envelopes are spoken.
    var speaksHydrogen: Bool { self.subprotocol == "hydrogen-protocol" }

    /// What a server is sent that does not speak Hydrogen's protocol.
    var plainMessage: [UInt8] {
        self.payload ?? [UInt8](repeating: UInt8(ascii: "x"), count: self.messageByteCount)
    }

    package init(mode: Mode, target: BenchTarget) {
        self.mode = mode
        self.target = target
        self.subprotocol = "hydrogen-protocol"
        self.headers = []
        self.connectionCount = 100
        self.depth = 1
        self.end = .after(seconds: 10)
        self.warmUp = 1
        self.messageByteCount = 228
    }
}

/// Why a run could not be made, or was given up.
package enum BenchError: Error, Sendable, Equatable, CustomStringConvertible {
    case url(String)
    case unknownHost(String)
    /// The system refused something; the code is of `errno`.
    case system(String, code: Int32)
    case tls(String)
    /// A connection could not be opened, or ended before the run did.
    case connection(String)
    case process(Int32)

    package var description: String {
        switch self {
        case .url(let text): "not a ws:// or wss:// URL: \(text)"
        case .unknownHost(let host): "unknown host: \(host)"
        case .system(let what, let code): "\(what): \(errorText(code))"
        case .tls(let text): "TLS: \(text)"
        case .connection(let text): text
        case .process(let id): "no process \(id), or it is somebody else's"
        }
    }
}
