import HydrogenConfiguration
import HydrogenProtocol
import Testing

@Suite struct TableTests {
    /// Section 12 of the contract: path, default as JSON, range of numbers (as written there), reload.
    static let contract: [(path: String, value: String, range: String?, reload: Bool)] = [
        ("Enabled", "true", nil, false), ("Port", "8080", "0 to 65535", false),
        ("Interface", "\"0.0.0.0\"", nil, false), ("EnableIPv6", "true", nil, false),
        ("SecureMode", "\"tls\"", nil, false), ("CertificatePath", "null", nil, true), ("KeyPath", "null", nil, true),
        ("ClientCAPath", "null", nil, false), ("Path", "\"/\"", nil, false), ("Node", "null", nil, false),
        ("KeysPath", "null", nil, true), ("AuthRequired", "true", nil, false),
        ("AnonymousPermissions", "[\"*:subscribe\"]", nil, true), ("MessageAuth", "\"required\"", nil, true),
        ("SignedActions", "[]", nil, true), ("SignatureWindow", "30", "1 to 3600", true),
        ("AllowedOrigins", "null", nil, true), ("TrustedProxies", "[]", nil, true),
        ("MaxConnections", "10000", "1 to 1000000", false), ("ThreadPoolSize", "4", "1 to 256", false),
        ("HandshakeTimeout", "10", "1 to 600", false), ("HeartbeatInterval", "25", "0 to 3600", false),
        ("HeartbeatTimeout", "10", "1 to 600", false), ("IdleTimeout", "300", "2 to 86400", false),
        ("CloseTimeout", "5", "0.1 to 60", false), ("ZombieTimeout", "60", "1 to 3600", false),
        ("DrainTimeout", "20", "0 to 600", false), ("MaxMessageBytes", "65536", "128 to 16777216", false),
        ("MaxJSONDepth", "32", "2 to 1024", false), ("MaxProtocolErrors", "10", "1 to 100000", true),
        ("MaxHandshakes", "1000", "1 to 100000", false), ("InactiveTimeout", "15", "1 to 3600", false),
        ("MessageTimeout", "30", "1 to 3600", false), ("MaxCommandsInFlight", "64", "1 to 10000", false),
        ("CommandTimeout", "30", "0.1 to 3600", false), ("MaxFilterBytes", "4096", "0 to 65536", false),
        ("MaxRetained", "10000", "0 to 1000000", false), ("Channels", "[]", nil, false),
        ("Services.File.Root", "null", nil, false), ("ServiceInterval", "0.02", "0.005 to 1", false),
        ("Session.MaxDetached", "10000", "0 to 10000000", false), ("DiagnosticEcho", "false", nil, false),
        ("StatusInterval", "5", "1 to 3600", true), ("Session.ResumeWindow", "120", "0 to 86400", false),
        ("Session.MaxSubscriptions", "128", "1 to 10000", false), ("Delivery.Store", "\"memory\"", nil, false),
        ("Delivery.StorePath", "null", nil, false), ("Delivery.AckTimeout", "10", "0.1 to 600", false),
        ("Delivery.MaxDeliveryAttempts", "8", "1 to 100", false),
        ("Delivery.MaxOutboxEvents", "1000", "1 to 1000000", false),
        ("Delivery.MaxOutboxBytes", "4194304", "128 to 1073741824", false),
        ("Delivery.MaxSendQueueBytes", "1048576", "65536 to 1073741824", false),
        ("Delivery.Window", "64", "1 to 10000", false), ("Delivery.MaxPublishKeys", "100000", "0 to 10000000", false),
        ("Delivery.MaxStoreBytes", "1073741824", "1048576 to 1099511627776", false),
        ("RateLimits.ConnectionsPerAddress", "{\"Rate\": 20, \"Burst\": 100, \"DryRun\": false}", nil, true),
        ("RateLimits.MessagesPerConnection", "{\"Rate\": 100, \"Burst\": 200, \"DryRun\": false}", nil, true),
        ("RateLimits.BytesPerConnection", "{\"Rate\": 1048576, \"Burst\": 4194304, \"DryRun\": false}", nil, true),
        ("RateLimits.MessagesPerIdentity", "{\"Rate\": 1000, \"Burst\": 2000, \"DryRun\": false}", nil, true),
        ("RateLimits.MaxRateViolations", "30", "1 to 1000000", true),
        ("RateLimits.MaxAddresses", "100000", "1000 to 10000000", false),
        (
            "Blocking", "{\"After\": 50, \"Window\": 60, \"Duration\": 60, \"Maximum\": 86400, \"DryRun\": false}", nil,
            true
        ),
        ("Metrics.Enabled", "true", nil, false), ("Metrics.SecureMode", "\"none\"", nil, false),
        ("Metrics.Port", "9464", "0 to 65535", false), ("Metrics.Interface", "\"127.0.0.1\"", nil, false),
        ("Log.Level", "\"info\"", nil, true), ("Log.Format", "\"text\"", nil, false),
    ]

    @Test(arguments: contract.indices) func asInTheContract(_ index: Int) throws {
        let row = Self.contract[index]
        let key = try #require(ConfigurationTable.key(row.path))
        #expect(key.kind.json(of: Configuration()) == row.value)
        #expect(key.isReloadable == row.reload)
        if let range = row.range { #expect(key.kind.allowed.hasPrefix(range)) }
    }

    @Test func nothingBeyondTheContract() {
        let members = ConfigurationTable.keys.map(\.path).filter { ConfigurationTable.group(around: $0) == nil }
        #expect(Set(members) == Set(Self.contract.map(\.path)))
        #expect(members.count == Self.contract.count)
    }

    static let members = ConfigurationTable.keys.filter { ConfigurationTable.group(around: $0.path) != nil }

    @Test(arguments: members.map(\.path)) func membersOfGroups(_ path: String) throws {
        let key = try #require(ConfigurationTable.key(path))
        #expect(key.isReloadable)
        let ranges = [
            "Rate": "0.001 to 1000000000", "Burst": "1 to 1000000000", "DryRun": "true, false",
            "After": "1 to 1000000", "Window": "1 to 2592000", "Duration": "1 to 2592000", "Maximum": "1 to 2592000",
        ]
        let range = try #require(ranges[String(path.split(separator: ".").last ?? "")])
        #expect(key.kind.allowed.hasPrefix(range))
    }

    @Test func everyVariableHasItsOwnName() {
        let names = ConfigurationTable.keys.map(\.environmentName)
        #expect(Set(names).count == names.count)
    }

    @Test(arguments: [
        ("Port", "HYDROGEN_PORT"), ("EnableIPv6", "HYDROGEN_ENABLE_IPV6"), ("MaxJSONDepth", "HYDROGEN_MAX_JSON_DEPTH"),
        ("ClientCAPath", "HYDROGEN_CLIENT_CA_PATH"), ("Services.File.Root", "HYDROGEN_SERVICES_FILE_ROOT"),
        ("RateLimits.MaxRateViolations", "HYDROGEN_RATE_LIMITS_MAX_RATE_VIOLATIONS"),
        ("Delivery.AckTimeout", "HYDROGEN_DELIVERY_ACK_TIMEOUT"), ("KeyPath", "HYDROGEN_KEY_PATH"),
        ("RateLimits.BytesPerConnection.DryRun", "HYDROGEN_RATE_LIMITS_BYTES_PER_CONNECTION_DRY_RUN"),
    ]) func nameOfTheVariable(_ path: String, _ name: String) throws {
        #expect(try #require(ConfigurationTable.key(path)).environmentName == name)
    }
}
