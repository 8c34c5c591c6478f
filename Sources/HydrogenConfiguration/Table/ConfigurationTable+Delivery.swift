extension ConfigurationTable {
    static let sessions = [
        ConfigurationKey(
            "Session.MaxDetached", .integer(\.session.maxDetached, 0...10_000_000),
            "Sessions that wait for their client; the longest detached goes first."),
        ConfigurationKey(
            "Session.ResumeWindow", .seconds(\.session.resumeWindow, 0...86_400),
            "How long a session waits for its client, in seconds."),
        ConfigurationKey(
            "Session.MaxSubscriptions", .integer(\.session.maxSubscriptions, 1...10_000),
            "Subscriptions of one session."),
    ]

    static let deliveries = [
        ConfigurationKey(
            "Delivery.Store", .choice(\.delivery.store),
            "Where guaranteed events are kept: \"durable\" survives a crash."),
        ConfigurationKey(
            "Delivery.StorePath", .optionalText(\.delivery.storePath, .file),
            "The file of the durable store. Required with Delivery.Store \"durable\"."),
        ConfigurationKey(
            "Delivery.AckTimeout", .duration(\.delivery.ackTimeout, milliseconds: 100...600_000),
            "How long an event waits for its ack before it is sent again, in seconds."),
        ConfigurationKey(
            "Delivery.MaxDeliveryAttempts", .integer(\.delivery.maxDeliveryAttempts, 1...100),
            "Sendings of an event before it is a dead letter."),
        ConfigurationKey(
            "Delivery.Window", .integer(\.delivery.window, 1...10_000),
            "Guaranteed events of a session that are sent and unacked."),
        ConfigurationKey(
            "Delivery.MaxOutboxEvents", .integer(\.delivery.maxOutboxEvents, 1...1_000_000),
            "Guaranteed events that are kept for a session."),
        ConfigurationKey(
            "Delivery.MaxOutboxBytes", .integer(\.delivery.maxOutboxBytes, 128...1_073_741_824),
            "Bytes of guaranteed events that are kept for a session; at least MaxMessageBytes."),
        ConfigurationKey(
            "Delivery.MaxSendQueueBytes", .integer(\.delivery.maxSendQueueBytes, 65_536...1_073_741_824),
            "Bytes that wait to be written to a connection; at least MaxMessageBytes. Beyond them it is a slow consumer."
        ),
        ConfigurationKey(
            "Delivery.MaxPublishKeys", .integer(\.delivery.maxPublishKeys, 0...10_000_000),
            "Keys of publishes that are remembered for 5 minutes."),
        ConfigurationKey(
            "Delivery.MaxStoreBytes", .integer(\.delivery.maxStoreBytes, 1_048_576...1_099_511_627_776),
            "The largest durable store, in bytes."),
    ]

    static let limits = buckets + blocking

    private static let buckets =
        [
            limit(
                "ConnectionsPerAddress", \.rateLimits.connectionsPerAddress,
                rate: \.rateLimits.connectionsPerAddress.made.thousandthsPerSecond,
                burst: \.rateLimits.connectionsPerAddress.made.burst,
                dryRun: \.rateLimits.connectionsPerAddress.made.dryRun,
                unit: "connections", "New connections of one address"),
            limit(
                "MessagesPerConnection", \.rateLimits.messagesPerConnection,
                rate: \.rateLimits.messagesPerConnection.made.thousandthsPerSecond,
                burst: \.rateLimits.messagesPerConnection.made.burst,
                dryRun: \.rateLimits.messagesPerConnection.made.dryRun,
                unit: "messages", "Messages of one connection"),
            limit(
                "BytesPerConnection", \.rateLimits.bytesPerConnection,
                rate: \.rateLimits.bytesPerConnection.made.thousandthsPerSecond,
                burst: \.rateLimits.bytesPerConnection.made.burst,
                dryRun: \.rateLimits.bytesPerConnection.made.dryRun,
                unit: "bytes", "Bytes of one connection; Burst at least MaxMessageBytes"),
            limit(
                "MessagesPerIdentity", \.rateLimits.messagesPerIdentity,
                rate: \.rateLimits.messagesPerIdentity.made.thousandthsPerSecond,
                burst: \.rateLimits.messagesPerIdentity.made.burst,
                dryRun: \.rateLimits.messagesPerIdentity.made.dryRun,
                unit: "messages", "Messages of one identity"),
        ].flatMap { $0 }

    private static let blocking = [
        ConfigurationKey(
            "RateLimits.MaxRateViolations", .integer(\.rateLimits.maxRateViolations, 1...1_000_000), reloadable: true,
            "The message over a limit within a minute that closes a connection."),
        ConfigurationKey(
            "RateLimits.MaxAddresses", .integer(\.rateLimits.maxAddresses, 1_000...10_000_000),
            "Addresses that are remembered for limits and blocks."),
        ConfigurationKey(
            "Blocking", .blocking(\.blocking), reloadable: true,
            "Shuts out who offends again and again; null: nobody is blocked."),
        ConfigurationKey(
            "Blocking.After", .integer(\.blocking.made.after, 1...1_000_000), reloadable: true,
            "The offence within Window that blocks."),
        ConfigurationKey(
            "Blocking.Window", .seconds(\.blocking.made.window, 1...2_592_000), reloadable: true,
            "How long an offence counts, in seconds."),
        ConfigurationKey(
            "Blocking.Duration", .seconds(\.blocking.made.duration, 1...2_592_000), reloadable: true,
            "The first block, in seconds; each further one within a day lasts twice as long."),
        ConfigurationKey(
            "Blocking.Maximum", .seconds(\.blocking.made.maximum, 1...2_592_000), reloadable: true,
            "The longest block, in seconds."),
        ConfigurationKey(
            "Blocking.DryRun", .boolean(\.blocking.made.dryRun), reloadable: true,
            "Counts and logs, and blocks nobody."),
    ]

    static let observation = [
        ConfigurationKey("Metrics.Enabled", .boolean(\.metrics.enabled), "Whether the HTTP side runs."),
        ConfigurationKey(
            "Metrics.Port", .integer(\.metrics.port, 0...65_535), "Its TCP port; 0: any free one, which the log names."),
        ConfigurationKey(
            "Metrics.Interface", .text(\.metrics.interface, .address),
            "The address it listens on: loopback or a private network, as it asks for no key."),
        ConfigurationKey(
            "Metrics.SecureMode", .choice(\.metrics.secureMode),
            "\"tls\" uses the certificate of the WebSocket side."),
        ConfigurationKey(
            "Log.Level", .choice(\.log.level), reloadable: true,
            "The least severe line that is written to standard error."),
        ConfigurationKey(
            "Log.Format", .choice(\.log.format), "Lines for people, or JSON objects for machines."),
    ]

    /// A token bucket and its members.
    private static func limit(
        _ name: String, _ path: ConfigurationPath<Configuration.RateLimit?>, rate: ConfigurationPath<Int>,
        burst: ConfigurationPath<Int>, dryRun: ConfigurationPath<Bool>, unit: String, _ summary: String
    ) -> [ConfigurationKey] {
        let group = "RateLimits.\(name)"
        return [
            ConfigurationKey(group, .limit(path), reloadable: true, "\(summary). Null: no limit."),
            ConfigurationKey(
                "\(group).Rate", .rate(rate, thousandths: 1...1_000_000_000_000), reloadable: true,
                "How many \(unit) per second in the long run."),
            ConfigurationKey(
                "\(group).Burst", .integer(burst, 1...1_000_000_000), reloadable: true,
                "How many \(unit) at once after a pause."),
            ConfigurationKey(
                "\(group).DryRun", .boolean(dryRun), reloadable: true, "Counts and logs, and refuses nothing."),
        ]
    }
}
