/// Keys whose feature is not in this version. The list shrinks as features come; at the end it is empty and goes.
package enum Availability {
    /// A setting that would be a risk if it were silently ignored: it stops the start.
    package struct Missing: Sendable {
        package let path: String
        /// What stands there when the feature is wanted.
        let isWanted: @Sendable (Configuration) -> Bool
        /// What may stand there meanwhile.
        let allowed: String
    }

    /// Who asks for these relies on them for safety: clients with certificates, an encrypted HTTP side.
    package static let notYetAvailable = [
        Missing(path: "ClientCAPath", isWanted: { $0.clientCAPath != nil }, allowed: "null"),
        Missing(path: "Metrics.SecureMode", isWanted: { $0.metrics.secureMode == .tls }, allowed: "\"none\""),
    ]

    static func faults(in configuration: Configuration) -> [ConfigurationFault] {
        self.notYetAvailable.filter { $0.isWanted(configuration) }.map {
            ConfigurationFault(
                "\(ConfigurationTable.rootName).\($0.path)", "is not available in this version", allowed: $0.allowed)
        }
    }
}
