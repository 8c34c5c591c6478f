import HydrogenConfiguration
import HydrogenProtocol
import Testing

@Suite struct EnvironmentTests {
    @Test func replacesTheFile() throws {
        let environment = [
            "HYDROGEN_PORT": "9000", "HYDROGEN_INTERFACE": "::1", "HYDROGEN_ENABLE_IPV6": "true",
            "HYDROGEN_MAX_JSON_DEPTH": "7", "HYDROGEN_RATE_LIMITS_MAX_RATE_VIOLATIONS": "3",
            "HYDROGEN_CHANNELS": "[\"b\"]", "HYDROGEN_DELIVERY_ACK_TIMEOUT": "0.25", "HYDROGEN_LOG_LEVEL": "debug",
            "HYDROGEN_NODE": "\"quoted\"", "HYDROGEN_BLOCKING": "null", "OTHER": "x", "hydrogen_port": "x",
        ]
        let text = "\"Port\": 1, \"Channels\": [\"a\"], \"Node\": \"n\", \"Blocking\": {\"After\": 3}"
        let configuration = try configuration(text, environment: environment)
        #expect(configuration.port == 9_000)
        #expect(configuration.interface == "::1")
        #expect(configuration.maxJSONDepth == 7)
        #expect(configuration.rateLimits.maxRateViolations == 3)
        #expect(configuration.channels == ["b"])
        #expect(configuration.delivery.ackTimeout == .milliseconds(250))
        #expect(configuration.log.level == .debug)
        // Text is taken as it stands.
        #expect(configuration.node == "\"quoted\"")
        #expect(configuration.blocking == nil)
    }

    @Test func membersOfGroups() throws {
        let null = "\"RateLimits\": {\"MessagesPerConnection\": null}"
        let one = ["HYDROGEN_RATE_LIMITS_MESSAGES_PER_CONNECTION_BURST": "7"]
        let limit = try configuration(null, environment: one).rateLimits.messagesPerConnection
        #expect(limit == Configuration.RateLimit(perSecond: 100, burst: 7))
        let both = one.merging(["HYDROGEN_RATE_LIMITS_MESSAGES_PER_CONNECTION": "{\"Rate\": 5, \"Burst\": 6}"]) { $1 }
        #expect(
            try configuration(null, environment: both).rateLimits.messagesPerConnection
                == Configuration.RateLimit(perSecond: 5, burst: 7))
        let section = ["HYDROGEN_RATE_LIMITS": "{\"MessagesPerConnection\": null, \"MaxAddresses\": 2000}"]
        let limits = try configuration("", environment: section).rateLimits
        #expect(limits.messagesPerConnection == nil)
        #expect(limits.maxAddresses == 2_000)
    }

    /// Null switches off, whatever the file says below it; an object switches on again.
    @Test func lastWord() throws {
        let object = "\"Blocking\": {\"After\": 3}"
        #expect(try configuration(object, environment: ["HYDROGEN_BLOCKING": "null"]).blocking == nil)
        #expect(
            try configuration("\"Blocking\": null", environment: ["HYDROGEN_BLOCKING": "{}"]).blocking
                == Configuration.Blocking())
    }

    @Test func anEmptyTextIsAbsence() throws {
        #expect(
            try configuration("\"CertificatePath\": \"c\"", environment: ["HYDROGEN_CERTIFICATE_PATH": ""])
                .certificatePath == nil)
        #expect(faults("", environment: ["HYDROGEN_INTERFACE": ""]).count == 1)
    }

    @Test(arguments: [
        (
            "HYDROGEN_PORT", "x",
            "WebSocketServer.Port: must be a whole number, is \"x\" (HYDROGEN_PORT); allowed: 0 to 65535"
        ),
        (
            "HYDROGEN_PORT", "",
            "WebSocketServer.Port: must be a whole number, is \"\" (HYDROGEN_PORT); allowed: 0 to 65535"
        ),
        (
            "HYDROGEN_PORT", "08",
            "WebSocketServer.Port: must be a whole number, is \"08\" (HYDROGEN_PORT); allowed: 0 to 65535"
        ),
        ("HYDROGEN_PORT", "65536", "WebSocketServer.Port: is too large, is 65536 (HYDROGEN_PORT); allowed: 0 to 65535"),
        (
            "HYDROGEN_ENABLED", "yes",
            "WebSocketServer.Enabled: must be true or false, is \"yes\" (HYDROGEN_ENABLED); allowed: true, false"
        ),
        (
            "HYDROGEN_CHANNELS", "a,b",
            "WebSocketServer.Channels: must be a list of strings, is \"a,b\" (HYDROGEN_CHANNELS)"
        ),
        ("HYDROGEN_DELIVERY", "{\"X\": 1}", "WebSocketServer.Delivery.X: unknown key (HYDROGEN_DELIVERY)"),
        ("HYDROGEN_DELIVERY", "5", "WebSocketServer.Delivery: must be an object, is 5 (HYDROGEN_DELIVERY)"),
        (
            "HYDROGEN_LOG_LEVEL", "loud",
            "WebSocketServer.Log.Level: must be one of these words, is \"loud\" (HYDROGEN_LOG_LEVEL)"
        ),
    ]) func faultsNameTheVariable(_ name: String, _ text: String, _ line: String) {
        let lines = faults("", environment: [name: text])
        #expect(lines.count == 1)
        #expect(lines.first?.hasPrefix(line) == true, "\(lines)")
    }

    @Test func unknownNamesAreWarnings() throws {
        let environment = ["HYDROGEN_PROT": "1", "HYDROGEN_KEY": "hk_secret", "HYDROGEN_": "", "HYDROGEN_A\u{1b}": ""]
        let warnings = try configuration("\"Interface\": \"127.0.0.1\"", environment: environment).warnings
        #expect(
            warnings == [
                "HYDROGEN_: no key has this variable; it is ignored",
                "HYDROGEN_A\\u{1b}: no key has this variable; it is ignored",
                "HYDROGEN_PROT: no key has this variable; it is ignored",
            ])
    }

    /// The value that a variable gives is the value that the file gives.
    @Test(arguments: ConfigurationTable.keys.filter { !$0.kind.isGroup }.map(\.path))
    func everyKeyHasItsVariable(_ path: String) throws {
        let key = try #require(ConfigurationTable.key(path))
        let (json, variable): (String, String) =
            switch key.kind.sort {
            case .boolean:
                {
                    let other = key.kind.json(of: Configuration()) == "true" ? "false" : "true"; return (other, other)
                }()
            case .integer, .decimal, .seconds:
                try {
                    let value = try near(key); return (value, value)
                }()
            case .word(let names):
                {
                    let name = names.last { "\"\($0)\"" != key.kind.json(of: Configuration()) } ?? "";
                    return ("\"\(name)\"", name)
                }()
            case .text(let rule), .optional(.text(let rule)):
                {
                    let text = rule == .address ? "::1" : "/other"; return ("\"\(text)\"", text)
                }()
            case .list(.text(let rule), _, _), .optional(.list(.text(let rule), _, _)):
                {
                    let list =
                        "[\"\(rule == .permission ? "a:b" : rule == .signedAction ? "a.b" : rule == .origin ? "*" : rule == .network ? "::1" : "a")\"]";
                    return (list, list)
                }()
            default: ("", "")
            }
        let missing = [
            "ClientCAPath", "Delivery.Store", "Metrics.SecureMode", "AuthRequired", "SecureMode",
        ]
        if missing.contains(path) {
            #expect(faults(members(path, json)).count == faults("", environment: [key.environmentName: variable]).count)
        } else {
            let fromFile = try configuration(members(path, json))
            let fromEnvironment = try configuration("", environment: [key.environmentName: variable])
            #expect(fromFile == fromEnvironment)
            #expect(key.kind.json(of: fromFile) != key.kind.json(of: Configuration()))
        }
    }

    /// A number beside the default that breaks no rule.
    private func near(_ key: ConfigurationKey) throws -> String {
        let json = key.kind.json(of: Configuration())
        guard let whole = Int(json) else { return "0.03" }
        let usesSum = ["HeartbeatInterval", "HeartbeatTimeout", "InactiveTimeout", "MaxMessageBytes"].contains(key.path)
        return "\(usesSum ? whole - 1 : whole + 1)"
    }
}
