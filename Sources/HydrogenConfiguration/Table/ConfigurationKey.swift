import HydrogenProtocol

/// One key of the configuration file: the single place where it is declared. Decoding, validation, the name in the
/// environment, reload, documentation and the example file are all made from it.
package struct ConfigurationKey: Sendable {
    /// The names below `WebSocketServer`, joined with dots: `Delivery.AckTimeout`.
    package let path: String
    package let kind: ConfigurationKind
    /// Whether SIGHUP makes a changed value count.
    package let isReloadable: Bool
    /// What it means, in a sentence for `Documentation/Configuration.md` and the example file.
    package let summary: String
    /// The JSON text of the example file, where that is not the default.
    package let example: String?

    package init(
        _ path: String, _ kind: ConfigurationKind, reloadable: Bool = false, example: String? = nil,
        _ summary: String
    ) {
        self.path = path
        self.kind = kind
        self.isReloadable = reloadable
        self.summary = summary
        self.example = example
    }

    /// The key in faults: `WebSocketServer.Delivery.AckTimeout`.
    package var qualifiedPath: String { "\(ConfigurationTable.rootName).\(self.path)" }

    /// The variable that overrides it: `HYDROGEN_DELIVERY_ACK_TIMEOUT`.
    package var environmentName: String { ConfigurationEnvironment.name(of: self.path) }
}
