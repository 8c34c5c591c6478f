import HydrogenConfiguration
import HydrogenConnection
import HydrogenProtocol
import HydrogenShard

/// What a configuration means for the core: the one place that production and simulation share.
extension Configuration {
    /// What every shard is told.
    package func shard(channels: [ChannelDefinition]) -> ShardConfiguration {
        ShardConfiguration(
            node: self.node ?? "", serverVersion: Version.current, path: self.path, offersEcho: self.diagnosticEcho,
            maxConnections: self.maxConnections, maxHandshakes: self.maxHandshakes, timeouts: self.timeouts,
            messageTimeout: self.messageTimeout, commandTimeout: self.commandTimeout,
            maxMessageBytes: self.maxMessageBytes, maxJSONDepth: self.maxJSONDepth,
            maxCommandsInFlight: self.maxCommandsInFlight, maxFilterBytes: self.maxFilterBytes,
            maxRetained: self.maxRetained, maxSubscriptions: self.session.maxSubscriptions,
            maxSendQueueBytes: self.delivery.maxSendQueueBytes, maxPublishKeys: self.delivery.maxPublishKeys,
            maxAddresses: self.rateLimits.maxAddresses,
            sessions: SessionSettings(
                resumeWindow: self.session.resumeWindow, maxDetached: self.session.maxDetached),
            delivery: DeliverySettings(
                window: self.delivery.window, ackTimeout: self.delivery.ackTimeout,
                maxAttempts: self.delivery.maxDeliveryAttempts, maxOutboxEvents: self.delivery.maxOutboxEvents,
                maxOutboxBytes: self.delivery.maxOutboxBytes,
                isDurable: self.delivery.store == .durable),
            channels: channels)
    }

    private var timeouts: ConnectionStateMachine.Timeouts {
        ConnectionStateMachine.Timeouts(
            handshake: self.handshakeTimeout, heartbeatInterval: self.heartbeatInterval,
            heartbeatTimeout: self.heartbeatTimeout, inactiveTimeout: self.inactiveTimeout,
            idleTimeout: self.idleTimeout, closeTimeout: self.closeTimeout, zombieTimeout: self.zombieTimeout)
    }

    /// What a reload changes.
    package var policy: ShardPolicy {
        ShardPolicy(
            requiresMessageToken: self.messageAuth == .required, allowedOrigins: self.allowedOrigins,
            maxProtocolErrors: self.maxProtocolErrors, limits: self.limits,
            signedActions: self.signedActions.compactMap(SignedAction.init), signatureWindow: self.signatureWindow)
    }

    private var limits: LimitPolicy {
        LimitPolicy(
            connectionsPerAddress: self.rateLimits.connectionsPerAddress?.core,
            messagesPerConnection: self.rateLimits.messagesPerConnection?.core,
            bytesPerConnection: self.rateLimits.bytesPerConnection?.core,
            messagesPerIdentity: self.rateLimits.messagesPerIdentity?.core,
            maxRateViolations: self.rateLimits.maxRateViolations, blocking: self.blocking?.core,
            trustedProxies: self.trustedNetworks)
    }

    /// The keys of the key file, as the core knows them.
    package func keyRing() throws(KeyFileError) -> KeyRing {
        var grants: [Grant] = []
        if let path = self.keysPath, let file = try KeyFile.loadIfPresent(path) {
            grants = file.records.map { record in
                Grant(
                    identity: record.identity, permissions: record.permissions.compactMap(PermissionPattern.init),
                    keyID: record.id, expires: record.expires, isRevoked: record.isRevoked, digest: record.digest)
            }
        }
        let anonymous = Grant(
            identity: KeyRecord.anonymousIdentity,
            permissions: self.anonymousPermissions.compactMap(PermissionPattern.init), keyID: "", expires: nil,
            isRevoked: false, digest: nil)
        return KeyRing(grants: grants, anonymous: self.authRequired ? nil : anonymous)
    }

    /// The channels of the contract, those of services, and those for publish and subscribe alone.
    package func channels(services: [ChannelService]) -> [ChannelDefinition] {
        var names = TextRule.builtInChannels
        for name in services.map(\.channel) + self.channels where !names.contains(name) { names.append(name) }
        return names.map { name in
            let service = services.firstIndex { $0.channel == name }
            return ChannelDefinition(
                name: name, service: service, actions: service.map { services[$0].actions } ?? [],
                isOpenForPublishing: name != "system")
        }
    }
}

/// What answers the commands of a channel, and its actions with a description each.
package struct ChannelService: Sendable {
    package var channel: String
    package var actions: [(name: String, description: String)]

    package init(channel: String, actions: [(name: String, description: String)] = []) {
        self.channel = channel
        self.actions = actions
    }
}

extension Configuration.RateLimit {
    /// The limit as the core counts it.
    fileprivate var core: RateLimit {
        RateLimit(thousandthsPerSecond: self.thousandthsPerSecond, burst: self.burst, isDryRun: self.dryRun)
    }
}

extension Configuration.Blocking {
    fileprivate var core: BlockingPolicy {
        BlockingPolicy(
            after: self.after, window: self.window, duration: self.duration, maximum: self.maximum,
            isDryRun: self.dryRun)
    }
}
