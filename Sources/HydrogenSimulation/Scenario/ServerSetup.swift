import HydrogenProtocol
import HydrogenShard

/// The server under test: what production makes of a configuration file, and the keys that the scenario gives out.
package struct ServerSetup: Sendable {
    package var configuration: ShardConfiguration
    package var policy: ShardPolicy
    /// `ThreadPoolSize`.
    package var loopCount: Int
    package var keys: [SimulatedKey]
    /// What a client without a key may do; nil while a key is required.
    package var anonymousPermissions: [PermissionPattern]?
    /// Of `drain` in the timeline.
    package var drainTimeout: Interval
    /// Places for events in each loop's mailbox.
    package var mailboxEventCount: Int

    package init(
        configuration: ShardConfiguration, policy: ShardPolicy, loopCount: Int = 1, keys: [SimulatedKey] = [],
        anonymousPermissions: [PermissionPattern]? = nil, drainTimeout: Interval = .seconds(20),
        mailboxEventCount: Int = 8192
    ) {
        self.configuration = configuration
        self.policy = policy
        self.loopCount = loopCount
        self.keys = keys
        self.anonymousPermissions = anonymousPermissions
        self.drainTimeout = drainTimeout
        self.mailboxEventCount = mailboxEventCount
    }
}

/// A key of the simulated server.
package struct SimulatedKey: Sendable {
    package var identity: String
    package var token: String
    package var permissions: [PermissionPattern]
    package var expires: WallTime?

    package init(identity: String, token: String, permissions: [PermissionPattern], expires: WallTime? = nil) {
        self.identity = identity
        self.token = token
        self.permissions = permissions
        self.expires = expires
    }
}

/// How the service of a channel behaves while no fault strikes it.
package struct ServiceBehaviour: Sendable {
    /// Index into `ShardConfiguration.channels`, of one that has a service.
    package var channel: Int
    /// From the command to its answer.
    package var latency: Delay
    /// Commands that it handles at the same time; the others wait in its queue.
    package var concurrency: Int
    /// Bytes of the `data` of its answers.
    package var answerByteCount: Int
    /// Of a million commands: answered with `application.failed`.
    package var failingPerMillion: Int
    /// Of a million commands: never answered.
    package var silentPerMillion: Int

    package init(
        channel: Int, latency: Delay = .fixed(.milliseconds(1)), concurrency: Int = 1, answerByteCount: Int = 32,
        failingPerMillion: Int = 0, silentPerMillion: Int = 0
    ) {
        self.channel = channel
        self.latency = latency
        self.concurrency = concurrency
        self.answerByteCount = answerByteCount
        self.failingPerMillion = failingPerMillion
        self.silentPerMillion = silentPerMillion
    }
}
