import HydrogenProtocol

/// What is allowed, and yet should not surprise the operator.
enum Advice {
    static func warnings(on configuration: Configuration) -> [String] {
        var warnings: [String] = []
        func warn(_ path: String, _ text: String) { warnings.append("\(ConfigurationTable.rootName).\(path): \(text)") }

        if configuration.enabled, configuration.secureMode == .none,
            NetworkAddress(configuration.interface)?.isLoopback != true
        {
            warn("SecureMode", "keys and messages cross the network in the clear")
        }
        if configuration.enabled, configuration.diagnosticEcho {
            warn("DiagnosticEcho", "the sub-protocol \"echo\" is offered, for tests alone")
        }
        for origin in configuration.allowedOrigins ?? [] where Origin(origin)?.isNeverSent == true {
            warn(
                "AllowedOrigins",
                "no browser sends \"\(origin)\": write small letters, and no port that goes without saying")
        }
        if configuration.metrics.enabled, let address = NetworkAddress(configuration.metrics.interface),
            !address.isLoopback, !address.isPrivate
        {
            warn("Metrics.Interface", "the HTTP side asks for no key and is open beyond loopback and private networks")
        }
        return warnings.map(VisibleText.escaped)
    }
}
