/// What differs between the configuration that is in force and one that was read anew.
package struct ReloadDifferences: Sendable, Equatable {
    /// Keys whose new value counts from now on, in the order of the table.
    package var reloadable: [String] = []
    /// Keys whose new value waits for a restart.
    package var notReloadable: [String] = []

    package init(reloadable: [String] = [], notReloadable: [String] = []) {
        self.reloadable = reloadable
        self.notReloadable = notReloadable
    }
}

extension Configuration {
    /// Which keys have another value in `new`. Members of a limit, and of `Blocking`, count as one key. That the files
    /// behind `KeysPath`, `CertificatePath` and `KeyPath` changed is not seen here.
    package func reloadDifferences(to new: Configuration) -> ReloadDifferences {
        var differences = ReloadDifferences()
        for key in Self.wholeKeys where key.kind.json(of: self) != key.kind.json(of: new) {
            if key.isReloadable {
                differences.reloadable.append(key.qualifiedPath)
            } else {
                differences.notReloadable.append(key.qualifiedPath)
            }
        }
        return differences
    }

    /// This configuration with the reloadable values of `new`.
    ///
    /// - Throws: what would be wrong between a new value and one that waits for a restart: then the old ones stay.
    package func reloaded(with new: Configuration) throws(ConfigurationFaults) -> Configuration {
        var configuration = self
        for key in Self.wholeKeys where key.isReloadable { key.kind.copy(from: new, to: &configuration) }
        configuration.warnings = new.warnings
        let faults = ConfigurationRule.all.compactMap { $0.fault(in: configuration) }
        guard faults.isEmpty else { throw ConfigurationFaults(faults) }
        return configuration
    }

    /// All keys but the members of groups, which go with their group.
    private static let wholeKeys = ConfigurationTable.keys.filter { ConfigurationTable.group(around: $0.path) == nil }
}
