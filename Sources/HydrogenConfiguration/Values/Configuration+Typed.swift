import HydrogenProtocol

/// What several keys say together, and lists of texts, ready to be asked: what the table let through can be read.
extension Configuration {
    /// `AnonymousPermissions`, ready to be asked.
    package var anonymousPatterns: [PermissionPattern] {
        self.anonymousPermissions.compactMap { PermissionPattern($0) }
    }

    /// `TrustedProxies`, ready to be asked.
    package var trustedNetworks: [Network] { self.trustedProxies.compactMap(Network.init) }

    /// Whether a side that is on speaks TLS.
    package var usesTLS: Bool {
        self.enabled && self.secureMode == .tls || self.metrics.enabled && self.metrics.secureMode == .tls
    }
}
