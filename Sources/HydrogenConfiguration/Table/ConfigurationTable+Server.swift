extension ConfigurationTable {
    /// Where the server listens.
    static let listening = [
        ConfigurationKey(
            "Enabled", .boolean(\.enabled), "Whether the WebSocket side runs; the HTTP side runs all the same."),
        ConfigurationKey("Port", .integer(\.port, 0...65_535), "The TCP port; 0: any free one, which the log names."),
        ConfigurationKey(
            "Interface", .text(\.interface, .address),
            "The address to listen on. \"0.0.0.0\" with EnableIPv6 listens on \"::\" too; a named one listens there alone."
        ),
        ConfigurationKey("EnableIPv6", .boolean(\.enableIPv6), "Whether IPv6 is listened on at all."),
        ConfigurationKey(
            "SecureMode", .choice(\.secureMode),
            "TLS 1.2 and 1.3, or nothing: only on loopback or behind a proxy that ends TLS."),
        ConfigurationKey(
            "CertificatePath", .optionalText(\.certificatePath, .file), reloadable: true,
            example: "\"/etc/hydrogen/certificate.pem\"",
            "The certificate and its chain, PEM. Required with SecureMode \"tls\" here or in Metrics."),
        ConfigurationKey(
            "KeyPath", .optionalText(\.keyPath, .file), reloadable: true, example: "\"/etc/hydrogen/private-key.pem\"",
            "The private key of the certificate, PEM, mode 0640 at most. Required like the certificate."),
        ConfigurationKey(
            "ClientCAPath", .optionalText(\.clientCAPath, .file),
            "Authorities that clients' certificates must come from, PEM; absent: clients need none. Needs SecureMode \"tls\"."),
        ConfigurationKey("Path", .text(\.path, .urlPath), "The path of the URL that takes WebSocket clients."),
        ConfigurationKey(
            "Node", .optionalText(\.node, .node),
            "The name of this server in events and status; absent: the host's name."),
    ]

    /// Who may come in, and what each may do.
    static let access = [
        ConfigurationKey(
            "KeysPath", .optionalText(\.keysPath, .file), reloadable: true, example: "\"/etc/hydrogen/keys.json\"",
            "The key file that `hydrogen key` writes. Required with AuthRequired."),
        ConfigurationKey(
            "AuthRequired", .boolean(\.authRequired),
            "Whether a connection needs a key; without one it is identity \"anonymous\". A wrong key is refused either way."
        ),
        ConfigurationKey(
            "AnonymousPermissions", .list(\.anonymousPermissions, .permission), reloadable: true,
            "What a connection without a key may do: patterns channel:action."),
        ConfigurationKey(
            "MessageAuth", .choice(\.messageAuth), reloadable: true,
            "Whether every message carries a token (\"required\"), or the connection's key is enough (\"connection\")."),
        ConfigurationKey(
            "SignedActions", .list(\.signedActions, .signedAction), reloadable: true,
            "Actions that are refused without a signature: channel.action."),
        ConfigurationKey(
            "SignatureWindow", .seconds(\.signatureWindow, 1...3_600), reloadable: true,
            "How far the time stamp of a signed command may be from now, in seconds."),
        ConfigurationKey(
            "AllowedOrigins", .optionalList(\.allowedOrigins, .origin), reloadable: true,
            "Origins of pages that may connect, or \"*\"; absent: any with a key, the server's own without one."),
        ConfigurationKey(
            "TrustedProxies", .list(\.trustedProxies, .network), reloadable: true,
            "Networks (CIDR) of proxies whose X-Forwarded-For is believed."),
    ]

    /// How many connections there are, and how long each state lasts.
    static let connections = [
        ConfigurationKey(
            "MaxConnections", .integer(\.maxConnections, 1...1_000_000), example: "100",
            "Connections at a time, over all loops."),
        ConfigurationKey("ThreadPoolSize", .integer(\.threadPoolSize, 1...256), "Event loops, each a thread."),
        ConfigurationKey(
            "MaxHandshakes", .integer(\.maxHandshakes, 1...100_000),
            "Handshakes in progress at a time; one address may have a tenth of them."),
        ConfigurationKey(
            "HandshakeTimeout", .seconds(\.handshakeTimeout, 1...600),
            "From accepted socket to established connection, in seconds."),
        ConfigurationKey(
            "HeartbeatInterval", .seconds(\.heartbeatInterval, 0...3_600),
            "Silence before a ping, in seconds; 0: a ping only as the last check before IdleTimeout."),
        ConfigurationKey(
            "HeartbeatTimeout", .seconds(\.heartbeatTimeout, 1...600),
            "Silence after a ping before the connection is inactive, in seconds."),
        ConfigurationKey(
            "InactiveTimeout", .seconds(\.inactiveTimeout, 1...3_600),
            "How long an inactive connection may come back before it is closed, in seconds."),
        ConfigurationKey(
            "IdleTimeout", .seconds(\.idleTimeout, 2...86_400),
            "Silence that closes a connection whatever happens, in seconds; at least HeartbeatInterval + HeartbeatTimeout + InactiveTimeout."
        ),
        ConfigurationKey(
            "CloseTimeout", .duration(\.closeTimeout, milliseconds: 100...60_000),
            "How long the closing handshake may take, with what is to be written before, in seconds. For the answer of a peer "
                + "libwebsockets waits 5 at most."),
        ConfigurationKey(
            "ZombieTimeout", .seconds(\.zombieTimeout, 1...3_600),
            "How long a closed connection waits for its commands at services, in seconds."),
        ConfigurationKey(
            "DrainTimeout", .seconds(\.drainTimeout, 0...600),
            "How long the server takes to end after SIGTERM, in seconds; the closes are spread over its first half."),
        ConfigurationKey(
            "ServiceInterval", .duration(\.serviceInterval, milliseconds: 5...1_000),
            "The loops' slow tick, in seconds: time-outs of connections, pings among them, are noticed at most so late."),
    ]

    /// What one message may be.
    static let messages = [
        ConfigurationKey(
            "MaxMessageBytes", .integer(\.maxMessageBytes, 128...16_777_216),
            "The largest message, in bytes, inclusive."),
        ConfigurationKey(
            "MaxJSONDepth", .integer(\.maxJSONDepth, 2...1_024), "How deep a message may nest; the envelope is 1."),
        ConfigurationKey(
            "MaxProtocolErrors", .integer(\.maxProtocolErrors, 1...100_000), reloadable: true,
            "The protocol error within a minute that closes a connection."),
        ConfigurationKey(
            "MessageTimeout", .seconds(\.messageTimeout, 1...3_600),
            "From the first fragment of a message to its last, in seconds."),
        ConfigurationKey(
            "MaxCommandsInFlight", .integer(\.maxCommandsInFlight, 1...10_000),
            "Commands of one connection that wait for services."),
        ConfigurationKey(
            "CommandTimeout", .duration(\.commandTimeout, milliseconds: 100...3_600_000),
            "How long a service may take to answer, in seconds."),
        ConfigurationKey(
            "DiagnosticEcho", .boolean(\.diagnosticEcho),
            "Whether the sub-protocol \"echo\" is offered, for tests of the transport."),
    ]

    /// What is published, and what is served.
    static let channels = [
        ConfigurationKey(
            "Channels", .list(\.channels, .channel), example: "[\"printer-farm\"]",
            "Channels for publish and subscribe alone, beside the built-in ones."),
        ConfigurationKey(
            "MaxFilterBytes", .integer(\.maxFilterBytes, 0...65_536), "The largest filter of a subscription, in bytes."),
        ConfigurationKey(
            "MaxRetained", .integer(\.maxRetained, 0...1_000_000), "Events that are retained for new subscribers."),
        ConfigurationKey(
            "StatusInterval", .seconds(\.statusInterval, 1...3_600), reloadable: true,
            "Between two events system/status_update, in seconds."),
        ConfigurationKey(
            "Services.File.Root", .optionalText(\.services.file.root, .folder), example: "\"/var/lib/hydrogen/files\"",
            "The folder that the file service serves; absent: the service is off."),
    ]
}
