import HydrogenProtocol

/// Everything that an operator decides, as checked values: one property for each key of `WebSocketServer`, with the
/// default that holds when the key is absent. `ConfigurationTable` says for each what it means and what is allowed.
package struct Configuration: Sendable, Equatable {
    package var enabled = true
    package var port = 8080
    package var interface = "0.0.0.0"
    package var enableIPv6 = true
    package var secureMode = SecureMode.tls
    package var certificatePath: String?
    package var keyPath: String?
    package var clientCAPath: String?
    package var path = "/"
    /// Nil where the key is absent; `Configuration.load` puts the host's name there.
    package var node: String?
    package var keysPath: String?
    package var authRequired = true
    package var anonymousPermissions = ["*:subscribe"]
    package var messageAuth = MessageAuth.required
    package var signedActions: [String] = []
    package var signatureWindow = Interval.seconds(30)
    /// Nil: no list, so the Origin of a request without a key must be that of its `Host`.
    package var allowedOrigins: [String]?
    package var trustedProxies: [String] = []
    package var maxConnections = 10_000
    package var threadPoolSize = 4
    package var maxHandshakes = 1_000
    package var handshakeTimeout = Interval.seconds(10)
    package var heartbeatInterval = Interval.seconds(25)
    package var heartbeatTimeout = Interval.seconds(10)
    package var inactiveTimeout = Interval.seconds(15)
    package var idleTimeout = Interval.seconds(300)
    package var closeTimeout = Interval.seconds(5)
    package var zombieTimeout = Interval.seconds(60)
    package var drainTimeout = Interval.seconds(20)
    package var messageTimeout = Interval.seconds(30)
    package var commandTimeout = Interval.seconds(30)
    package var serviceInterval = Interval.milliseconds(20)
    package var statusInterval = Interval.seconds(5)
    package var maxMessageBytes = 65_536
    package var maxJSONDepth = 32
    package var maxProtocolErrors = 10
    package var maxCommandsInFlight = 64
    package var maxFilterBytes = 4_096
    package var maxRetained = 10_000
    package var channels: [String] = []
    package var diagnosticEcho = false
    package var services = Services()
    package var session = Session()
    package var delivery = Delivery()
    package var rateLimits = RateLimits()
    /// Nil: nobody is ever blocked.
    package var blocking: Blocking? = Blocking()
    package var metrics = Metrics()
    package var log = Log()

    /// What an operator should know although nothing is wrong: one line each, for the log.
    package var warnings: [String] = []

    package init() {}

    /// How the WebSocket side is protected on the wire.
    package enum SecureMode: String, Sendable, CaseIterable { case tls, none }

    /// Whether each message must carry a token, or the connection's key is enough.
    package enum MessageAuth: String, Sendable, CaseIterable { case required, connection }
}
