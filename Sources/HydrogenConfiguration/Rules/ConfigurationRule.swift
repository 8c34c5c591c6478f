import HydrogenProtocol

/// What must hold between keys.
package struct ConfigurationRule: Sendable {
    /// The keys that it looks at, the one that a fault names first. It is left out where one of them is wrong by itself.
    package let paths: [String]
    /// What is wrong, and what would be right; nil where it holds.
    let check: @Sendable (Configuration) -> (problem: String, allowed: String)?

    /// The fault, nil where the rule holds.
    func fault(in configuration: Configuration) -> ConfigurationFault? {
        guard let path = self.paths.first, let broken = self.check(configuration) else { return nil }
        return ConfigurationFault(
            "\(ConfigurationTable.rootName).\(path)", broken.problem, allowed: broken.allowed)
    }

    /// Every rule, in the order of the table.
    package static let all = [
        required("CertificatePath", with: "SecureMode", "is required with SecureMode \"tls\"", .file) {
            $0.usesTLS && $0.certificatePath == nil
        },
        required("KeyPath", with: "SecureMode", "is required with SecureMode \"tls\"", .file) {
            $0.usesTLS && $0.keyPath == nil
        },
        ConfigurationRule(paths: ["ClientCAPath", "SecureMode"]) {
            guard $0.clientCAPath != nil, $0.secureMode == .none else { return nil }
            return ("needs SecureMode \"tls\"", "null")
        },
        required("KeysPath", with: "AuthRequired", "is required with AuthRequired", .file) {
            $0.enabled && $0.authRequired && $0.keysPath == nil
        },
        required("Delivery.StorePath", with: "Delivery.Store", "is required with Delivery.Store \"durable\"", .file) {
            $0.delivery.store == .durable && $0.delivery.storePath == nil
        },
        ConfigurationRule(paths: ["Interface", "EnableIPv6"]) { configuration in
            guard !configuration.enableIPv6, let address = NetworkAddress(configuration.interface), !address.isIPv4
            else { return nil }
            return ("is an IPv6 address, and EnableIPv6 is false", "an IPv4 address, or EnableIPv6 true")
        },
        ConfigurationRule(paths: ["IdleTimeout", "HeartbeatInterval", "HeartbeatTimeout", "InactiveTimeout"]) {
            let least = $0.heartbeatInterval + $0.heartbeatTimeout + $0.inactiveTimeout
            guard $0.idleTimeout < least else { return nil }
            let text = ExactDecimal.text(Int(least.milliseconds), places: 3)
            let found = ExactDecimal.text(Int($0.idleTimeout.milliseconds), places: 3)
            return (
                "must be at least HeartbeatInterval + HeartbeatTimeout + InactiveTimeout, is \(found)",
                "\(text) to 86400"
            )
        },
        atLeastOneMessage("Delivery.MaxOutboxBytes", \.delivery.maxOutboxBytes, atMost: 1_073_741_824),
        atLeastOneMessage("Delivery.MaxSendQueueBytes", \.delivery.maxSendQueueBytes, atMost: 1_073_741_824),
        ConfigurationRule(paths: ["RateLimits.BytesPerConnection.Burst", "MaxMessageBytes"]) {
            guard let limit = $0.rateLimits.bytesPerConnection, limit.burst < $0.maxMessageBytes else { return nil }
            return ("must be at least MaxMessageBytes, is \(limit.burst)", "\($0.maxMessageBytes) to 1000000000")
        },
    ]

    private static func required(
        _ path: String, with other: String, _ problem: String, _ rule: TextRule,
        when isMissing: @escaping @Sendable (Configuration) -> Bool
    ) -> ConfigurationRule {
        ConfigurationRule(paths: [path, other]) { isMissing($0) ? (problem, rule.allowed) : nil }
    }

    private static func atLeastOneMessage(
        _ path: String, _ value: any KeyPath<Configuration, Int> & Sendable, atMost: Int
    ) -> ConfigurationRule {
        ConfigurationRule(paths: [path, "MaxMessageBytes"]) {
            guard $0[keyPath: value] < $0.maxMessageBytes else { return nil }
            return ("must be at least MaxMessageBytes, is \($0[keyPath: value])", "\($0.maxMessageBytes) to \(atMost)")
        }
    }
}
