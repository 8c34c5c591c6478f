import HydrogenConnection
import HydrogenProtocol

/// What a shard is told once, at its start. Units are in the types; bounds are validated by who loads them.
package struct ShardConfiguration: Sendable {
    package var node: String
    package var serverVersion: String
    package var path: String
    package var offersEcho: Bool
    package var maxConnections: Int
    package var maxHandshakes: Int
    package var timeouts: ConnectionStateMachine.Timeouts
    package var messageTimeout: Interval
    package var commandTimeout: Interval
    package var maxMessageBytes: Int
    package var maxJSONDepth: Int
    package var maxCommandsInFlight: Int
    package var maxFilterBytes: Int
    package var maxRetained: Int
    package var maxSubscriptions: Int
    package var maxSendQueueBytes: Int
    package var maxPublishKeys: Int
    /// Of each table of limits, over all loops.
    package var maxAddresses: Int
    package var sessions: SessionSettings
    package var delivery: DeliverySettings
    /// Built-in channels, those of services, and those for publish and subscribe alone.
    package var channels: [ChannelDefinition]

    package init(
        node: String, serverVersion: String, path: String, offersEcho: Bool, maxConnections: Int, maxHandshakes: Int,
        timeouts: ConnectionStateMachine.Timeouts, messageTimeout: Interval, commandTimeout: Interval,
        maxMessageBytes: Int, maxJSONDepth: Int, maxCommandsInFlight: Int, maxFilterBytes: Int, maxRetained: Int,
        maxSubscriptions: Int, maxSendQueueBytes: Int, maxPublishKeys: Int, maxAddresses: Int = 100_000,
        sessions: SessionSettings = .init(), delivery: DeliverySettings = .init(), channels: [ChannelDefinition]
    ) {
        self.node = node
        self.serverVersion = serverVersion
        self.path = path
        self.offersEcho = offersEcho
        self.maxConnections = maxConnections
        self.maxHandshakes = maxHandshakes
        self.timeouts = timeouts
        self.messageTimeout = messageTimeout
        self.commandTimeout = commandTimeout
        self.maxMessageBytes = maxMessageBytes
        self.maxJSONDepth = maxJSONDepth
        self.maxCommandsInFlight = maxCommandsInFlight
        self.maxFilterBytes = maxFilterBytes
        self.maxRetained = maxRetained
        self.maxSubscriptions = maxSubscriptions
        self.maxSendQueueBytes = maxSendQueueBytes
        self.maxPublishKeys = maxPublishKeys
        self.maxAddresses = maxAddresses
        self.sessions = sessions
        self.delivery = delivery
        self.channels = channels
    }
}

extension ShardConfiguration {
    /// The ids of signed commands that a connection's table of replays holds at most (Documentation/Protocol.md).
    package static var maximumReplayCount: Int { ReplayTable.maximumCount }
}

/// How long sessions wait for their client, and how many.
package struct SessionSettings: Sendable {
    /// From the end of a connection; zero: a session ends with its connection.
    package var resumeWindow: Interval
    /// Over all loops; the longest detached expires first.
    package var maxDetached: Int

    package init(resumeWindow: Interval = .seconds(120), maxDetached: Int = 10_000) {
        self.resumeWindow = resumeWindow
        self.maxDetached = maxDetached
    }
}

/// How guaranteed events are kept and sent.
package struct DeliverySettings: Sendable {
    /// Events of a session that are sent and not acknowledged.
    package var window: Int
    package var ackTimeout: Interval
    /// Sendings of an event before it is a dead letter.
    package var maxAttempts: Int
    package var maxOutboxEvents: Int
    package var maxOutboxBytes: Int
    /// Whether what must survive goes to a store, and waits for it.
    package var isDurable: Bool

    package init(
        window: Int = 64, ackTimeout: Interval = .seconds(10), maxAttempts: Int = 8, maxOutboxEvents: Int = 1_000,
        maxOutboxBytes: Int = 4_194_304, isDurable: Bool = false
    ) {
        self.window = window
        self.ackTimeout = ackTimeout
        self.maxAttempts = maxAttempts
        self.maxOutboxEvents = maxOutboxEvents
        self.maxOutboxBytes = maxOutboxBytes
        self.isDurable = isDurable
    }
}

/// What a reload may change.
package struct ShardPolicy: Sendable {
    /// Whether each message carries a token.
    package var requiresMessageToken: Bool
    /// nil: unchecked with a key, the request's own host without one.
    package var allowedOrigins: [String]?
    package var maxProtocolErrors: Int
    package var limits: LimitPolicy
    /// The actions that are refused without a signature.
    package var signedActions: [SignedAction]
    /// How far the time stamp of a signed command may be from now.
    package var signatureWindow: Interval

    package init(
        requiresMessageToken: Bool, allowedOrigins: [String]?, maxProtocolErrors: Int, limits: LimitPolicy = .none,
        signedActions: [SignedAction] = [], signatureWindow: Interval = .seconds(30)
    ) {
        self.requiresMessageToken = requiresMessageToken
        self.allowedOrigins = allowedOrigins
        self.maxProtocolErrors = maxProtocolErrors
        self.limits = limits
        self.signedActions = signedActions
        self.signatureWindow = signatureWindow
    }
}

/// A channel that clients can name.
package struct ChannelDefinition: Sendable {
    package var name: String
    /// The service that answers its actions, by its index in the driver's table; nil: publish and subscribe alone.
    package var service: Int?
    /// The service's actions, as `system/channels` lists them.
    package var actions: [(name: String, description: String)]
    /// False for `system`, on which only the server publishes.
    package var isOpenForPublishing: Bool

    package init(
        name: String, service: Int?, actions: [(name: String, description: String)], isOpenForPublishing: Bool
    ) {
        self.name = name
        self.service = service
        self.actions = actions
        self.isOpenForPublishing = isOpenForPublishing
    }
}
