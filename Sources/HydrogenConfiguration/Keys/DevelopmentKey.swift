import HydrogenProtocol

/// The key that a newcomer's first start makes by itself.
package enum DevelopmentKey {
    /// Only a key file of this name is ever made by a start.
    package static let fileName = "development-keys.json"
    package static let identity = "developer"

    /// Makes the key file of a development configuration with one key that may do everything, if there is no such file.
    ///
    /// - Returns: The token to show once; nil if nothing was made.
    package static func createIfAbsent(
        for configuration: Configuration, at now: WallTime
    ) throws(KeyFileError) -> String? {
        guard configuration.isDevelopment, let path = configuration.keysPath,
            try KeyFile.loadIfPresent(path) == nil
        else { return nil }
        return try KeyFile.create(
            in: path, identity: self.identity, permissions: ["*:*"], expires: nil, at: now
        ).token.text
    }
}

extension Configuration {
    /// Whether a start may make its own key, as `Config/development.json` wants it. All three must hold, so that no
    /// server that others reach ever invents a key which may do everything: it listens on loopback alone, without TLS,
    /// and its key file has the one name that no production configuration has.
    package var isDevelopment: Bool {
        guard self.secureMode == .none, NetworkAddress(self.interface)?.isLoopback == true, let path = self.keysPath
        else { return false }
        return FilePath.name(of: path) == DevelopmentKey.fileName
    }
}
