/// Keys whose feature is not in this version. Both lists shrink as features come; at the end they are empty and go.
package enum Availability {
    /// A setting that would be a risk if it were silently ignored: it stops the start.
    package struct Missing: Sendable {
        package let path: String
        /// What stands there when the feature is wanted.
        let isWanted: @Sendable (Configuration) -> Bool
        /// What may stand there meanwhile.
        let allowed: String
    }

    /// Who asks for these relies on them for safety: events that survive a crash, clients with
    /// certificates, an encrypted HTTP side.
    package static let notYetAvailable = [
        Missing(path: "Delivery.Store", isWanted: { $0.delivery.store == .durable }, allowed: "\"memory\""),
        Missing(path: "ClientCAPath", isWanted: { $0.clientCAPath != nil }, allowed: "null"),
        Missing(path: "Metrics.SecureMode", isWanted: { $0.metrics.secureMode == .tls }, allowed: "\"none\""),
    ]

    /// Keys and sections that are checked and change nothing: named in one warning when they are set.
    package static let withoutEffect = [
        "Delivery.StorePath", "Delivery.MaxStoreBytes",
    ]

    static func faults(in configuration: Configuration) -> [ConfigurationFault] {
        self.notYetAvailable.filter { $0.isWanted(configuration) }.map {
            ConfigurationFault(
                "\(ConfigurationTable.rootName).\($0.path)", "is not available in this version", allowed: $0.allowed)
        }
    }

    /// The warning for keys that were set; nil if none of them is without effect.
    static func warning(forSet paths: [String]) -> String? {
        let named = self.withoutEffect.filter { name in
            paths.contains { $0 == name || $0.hasPrefix("\(name).") }
        }
        guard !named.isEmpty else { return nil }
        return "no effect in this version: \(named.joined(separator: ", "))"
    }
}
