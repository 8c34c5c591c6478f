import HydrogenConfiguration
import HydrogenProtocol
import Testing

@Suite struct RuleTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var members: String
        /// The path of the one fault; nil: it is right.
        var path: String?
        var testDescription: String { members }
    }

    static let rows = [
        Row(members: "\"SecureMode\": \"tls\", \"KeyPath\": \"k\"", path: "CertificatePath"),
        Row(members: "\"SecureMode\": \"tls\", \"CertificatePath\": \"c\"", path: "KeyPath"),
        Row(members: "\"SecureMode\": \"tls\", \"CertificatePath\": \"c\", \"KeyPath\": \"k\"", path: nil),
        Row(members: "\"SecureMode\": \"tls\", \"Enabled\": false", path: nil),
        Row(members: "\"Metrics\": {\"SecureMode\": \"tls\"}, \"KeyPath\": \"k\"", path: "CertificatePath"),
        Row(members: "\"Metrics\": {\"SecureMode\": \"tls\"}, \"CertificatePath\": \"c\"", path: "KeyPath"),
        Row(members: "\"Metrics\": {\"SecureMode\": \"tls\", \"Enabled\": false}", path: nil),
        Row(members: "\"ClientCAPath\": \"c\"", path: "ClientCAPath"),
        Row(members: "\"AuthRequired\": true", path: "KeysPath"),
        Row(members: "\"AuthRequired\": true, \"KeysPath\": null", path: "KeysPath"),
        Row(members: "\"AuthRequired\": true, \"KeysPath\": \"k\"", path: nil),
        Row(members: "\"AuthRequired\": true, \"Enabled\": false", path: nil),
        Row(members: "\"Interface\": \"::1\", \"EnableIPv6\": false", path: "Interface"),
        Row(members: "\"Interface\": \"::1\"", path: nil),
        Row(members: "\"Interface\": \"127.0.0.1\", \"EnableIPv6\": false", path: nil),
        Row(members: "\"IdleTimeout\": 49.999", path: "IdleTimeout"),
        Row(members: "\"IdleTimeout\": 50", path: nil),
        Row(members: "\"IdleTimeout\": 50, \"HeartbeatInterval\": 25.001", path: "IdleTimeout"),
        Row(members: "\"IdleTimeout\": 50, \"HeartbeatTimeout\": 10.001", path: "IdleTimeout"),
        Row(members: "\"IdleTimeout\": 50, \"InactiveTimeout\": 15.001", path: "IdleTimeout"),
        Row(members: "\"MaxMessageBytes\": 1048576", path: nil),
        Row(members: "\"MaxMessageBytes\": 1048577", path: "Delivery.MaxSendQueueBytes"),
        Row(members: "\"Delivery\": {\"MaxSendQueueBytes\": 65536}", path: nil),
        Row(
            members: "\"MaxMessageBytes\": 65537, \"Delivery\": {\"MaxSendQueueBytes\": 65536}",
            path: "Delivery.MaxSendQueueBytes"),
        Row(members: "\"Delivery\": {\"MaxOutboxBytes\": 65535}", path: "Delivery.MaxOutboxBytes"),
        Row(members: "\"Delivery\": {\"MaxOutboxBytes\": 65536}", path: nil),
        Row(
            members: "\"RateLimits\": {\"BytesPerConnection\": {\"Burst\": 65535}}",
            path: "RateLimits.BytesPerConnection.Burst"),
        Row(members: "\"RateLimits\": {\"BytesPerConnection\": {\"Burst\": 65536}}", path: nil),
        Row(members: "\"RateLimits\": {\"BytesPerConnection\": null}", path: nil),
    ]

    @Test(arguments: rows) func betweenKeys(_ row: Row) {
        let lines = faults(row.members)
        if let path = row.path {
            #expect(lines.count == 1, "\(lines)")
            #expect(lines.first?.hasPrefix("WebSocketServer.\(path): ") == true, "\(lines)")
            #expect(lines.first?.contains("; allowed: ") == true, "\(lines)")
        } else {
            #expect(lines.isEmpty, "\(lines)")
        }
    }

    /// A rule over a value that is wrong by itself would only confuse.
    @Test func rulesLeaveOutWrongValues() {
        #expect(faults("\"IdleTimeout\": 10, \"HeartbeatInterval\": \"x\"").count == 1)
        #expect(faults("\"IdleTimeout\": 10, \"HeartbeatInterval\": 1").count == 1)
    }

    @Test func durableNeedsItsPath() {
        #expect(
            faults("\"Delivery\": {\"Store\": \"durable\"}").map { $0.prefix(34) } == ["WebSocketServer.Delivery.StorePath"])
        #expect(faults("\"Delivery\": {\"Store\": \"durable\", \"StorePath\": \"s\"}").isEmpty)
    }

    @Test(arguments: [
        ("\"Interface\": \"0.0.0.0\"", "WebSocketServer.SecureMode: "),
        ("\"Interface\": \"192.168.0.1\"", "WebSocketServer.SecureMode: "),
        ("\"Interface\": \"::1\", \"DiagnosticEcho\": true", "WebSocketServer.DiagnosticEcho: "),
        ("\"Interface\": \"::1\", \"AllowedOrigins\": [\"https://A.example\"]", "WebSocketServer.AllowedOrigins: "),
        (
            "\"Interface\": \"127.9.9.9\", \"Metrics\": {\"Interface\": \"0.0.0.0\"}",
            "WebSocketServer.Metrics.Interface: "
        ),
        (
            "\"Interface\": \"127.0.0.1\", \"Metrics\": {\"Interface\": \"2001:db8::1\"}",
            "WebSocketServer.Metrics.Interface: "
        ),
    ]) func advice(_ members: String, _ warning: String) throws {
        let warnings = try configuration(members).warnings
        #expect(warnings.count == 1, "\(warnings)")
        #expect(warnings.first?.hasPrefix(warning) == true)
    }

    @Test(arguments: ["10.1.2.3", "172.31.0.1", "192.168.9.9", "fd00::1", "fe80::1", "127.0.0.1", "::1"])
    func privateNetworksNeedNoAdvice(_ address: String) throws {
        let text = "\"Interface\": \"127.0.0.1\", \"Metrics\": {\"Interface\": \"\(address)\"}"
        #expect(try configuration(text).warnings == [])
    }
}
