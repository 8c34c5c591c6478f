import HydrogenProtocol

/// Lists of texts, ready to be asked: what the table let through can be read.
extension Configuration {
    /// `AnonymousPermissions`, ready to be asked.
    package var anonymousPatterns: [PermissionPattern] {
        self.anonymousPermissions.compactMap { PermissionPattern($0) }
    }

    /// `TrustedProxies`, ready to be asked.
    package var trustedNetworks: [Network] { self.trustedProxies.compactMap(Network.init) }
}
