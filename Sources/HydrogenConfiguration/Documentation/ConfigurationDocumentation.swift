/// `Documentation/Configuration.md`, made from the table of keys.
package enum ConfigurationDocumentation {
    /// The whole document.
    package static func markdown() -> String {
        let defaults = Configuration()
        var rows: [String] = []
        for key in ConfigurationTable.keys {
            let value =
                ConfigurationTable.group(around: key.path) == nil && key.kind.isGroup
                ? "see below" : "`\(key.kind.json(of: defaults))`"
            rows.append(
                "| `\(key.path)` | \(value) | \(MarkdownText.cell(key.kind.allowed)) | \(key.isReloadable ? "yes" : "") "
                    + "| `\(key.environmentName)` | \(MarkdownText.cell(key.summary)) |")
        }
        return """
            # Configuration

            <!-- Made from the table of keys (Sources/HydrogenConfiguration/Table); a test compares them. -->

            One JSON file with `//` and `/* */` comments and one object, `WebSocketServer`. An unknown key, a wrong type or a
            value out of range stops the start with exit status 78, and every fault is one line on standard error:

            ```
            WebSocketServer.Delivery.AckTimeout: is too large, is 601 (line 4, column 21); allowed: 0.1 to 600, at most 3 decimal places
            ```

            `hydrogen check FILE` tells the same without starting. It looks at the files that the configuration names, too.

            - Durations are numbers of seconds with fractions down to a millisecond.
            - `null` stands for absence where the default is `null`, and in place of a limit or of `Blocking` for "none".
            - Relative paths start at the folder of the configuration file, also those of the environment.
            - Keys marked in the column "reload" count anew after SIGHUP. A file with faults is refused whole, and the old values stay;
              a changed key that needs a restart is named in a warning.
            - A variable of the environment overrides its key: text as it stands (an empty text is absence), everything else as
              JSON. A section can be given as an object (`HYDROGEN_DELIVERY`); the variable of a single key has the last word.
              A variable that begins with `HYDROGEN_` and belongs to no key is named in a warning.
            - With `Enabled` false neither certificate nor key file is required.
            - A list holds at most \(ConfigurationKind.maxListCount) entries, a file at most \(Configuration.maxFileByteCount) bytes.

            ## Keys

            | key | default | allowed | reload | environment | meaning |
            | --- | --- | --- | --- | --- | --- |
            \(rows.joined(separator: "\n"))

            ## Between keys

            - `SecureMode` "tls", here or in `Metrics`, needs `CertificatePath` and `KeyPath`; `ClientCAPath` needs
              `SecureMode` "tls"; `AuthRequired` needs `KeysPath`; `Delivery.Store` "durable"
              needs `Delivery.StorePath`.
            - `IdleTimeout` is at least `HeartbeatInterval` + `HeartbeatTimeout` + `InactiveTimeout`.
            - `Delivery.MaxSendQueueBytes`, `Delivery.MaxOutboxBytes` and `RateLimits.BytesPerConnection.Burst` are at least
              `MaxMessageBytes`.
            - An IPv6 `Interface` needs `EnableIPv6`.

            ## Keys of a development server

            The key file must exist (`hydrogen key create` makes it), with one exception: `serve` makes one key that may do
            everything, and prints it, when the configuration listens on loopback, has `SecureMode` "none", and names a key file
            `\(DevelopmentKey.fileName)` that does not exist.

            """
    }
}
