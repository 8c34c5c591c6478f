import HydrogenConfiguration
import HydrogenProtocol
import Testing

@Suite struct TextRuleTests {
    static let accepted: [(TextRule, [String])] = [
        (.address, ["0.0.0.0", "127.0.0.1", "::", "::1", "2001:db8::1", "::ffff:1.2.3.4"]),
        (.urlPath, ["/", "/ws", "/a/b%20c", "/" + String(repeating: "a", count: 1_023)]),
        (.file, ["a", "/a/b", "../c", String(repeating: "a", count: 4_095)]),
        (.node, ["a", "é", "two words", String(repeating: "n", count: 128)]),
        (.permission, ["*:*", "*:subscribe", "system:*", "printer-farm:job.start", "file:read"]),
        (.signedAction, ["file.delete", "file.a.b", "system.ping"]),
        (
            .origin,
            [
                "*", "https://example.com", "http://localhost:3000", "https://[::1]:8443", "app+x://host",
                "https://1.2.3.4",
            ]
        ),
        (
            .network,
            ["10.0.0.0/8", "192.168.1.1", "0.0.0.0/0", "::/0", "2001:db8::/32", "::1", "1.2.3.4/32", "fe80::/10"]
        ),
        (.channel, ["a", "printer-farm", "a1_b-c", String(repeating: "a", count: 64)]),
    ]

    static let refused: [(TextRule, [String])] = [
        (
            .address,
            [
                "", "localhost", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "::1%lo", "[::1]", " 1.2.3.4",
                "1.2.3.4\0",
            ]
        ),
        (.urlPath, ["", "ws", "/a?b", "/a#b", "/a b", "/é", "/\u{7f}", "/" + String(repeating: "a", count: 1_024)]),
        (.file, ["", "a\0b", String(repeating: "a", count: 4_096)]),
        (.node, ["", "a\nb", "a\u{85}b", String(repeating: "n", count: 129)]),
        (.permission, ["", "*", ":", "a:", ":b", "A:b", "a:B", "a:b:c", "**:a", "a:*b", "a*:b", "a:b.", "a:**"]),
        (.signedAction, ["", "file", ".delete", "file.", "File.delete", "file.Delete", "file..a", "*.delete"]),
        (
            .origin,
            [
                "", "null", "example.com", "https://", "https://a/", "https://a/b", "https://a:0", "https://a:65536",
                "https://a:", "://a", "https://a b", "https://*.a", "https://a?b", "https://u@a", "https://[1.2.3.4]",
                "1https://a", "https://::1",
            ]
        ),
        (
            .network,
            [
                "", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/08", "::1/127", "::/129",
                "10.0.0.0/8/8", "10.0.0.0/ 8", "all", "2001:db8::1/32",
            ]
        ),
        (
            .channel,
            [
                "", "A", "1a", "a.b", "a b", "-a", "system", "print", "network", "file",
                String(repeating: "a", count: 65),
            ]
        ),
    ]

    @Test(arguments: accepted) func accepts(_ rule: TextRule, _ texts: [String]) {
        for text in texts { #expect(rule.accepts(text), "\(text)") }
    }

    @Test(arguments: refused) func refuses(_ rule: TextRule, _ texts: [String]) {
        for text in texts { #expect(!rule.accepts(text), "\(text)") }
    }

    @Test func folderIsLikeFile() {
        #expect(TextRule.folder.accepts("a"))
        #expect(!TextRule.folder.accepts(""))
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.255.255.255", true), ("10.0.0.0/8", "11.0.0.0", false), ("0.0.0.0/0", "255.1.2.3", true),
        ("0.0.0.0/0", "::1", false), ("::/0", "1.2.3.4", true), ("1.2.3.4", "1.2.3.4", true),
        ("1.2.3.4", "1.2.3.5", false), ("2001:db8::/33", "2001:db8:7fff::", true),
        ("2001:db8::/33", "2001:db8:8000::", false),
        ("::ffff:10.0.0.0/104", "10.9.9.9", true), ("fe80::/64", "fe80::1:2:3:4", true),
        ("fe80::/64", "fe80:0:0:1::", false),
        ("192.168.1.128/25", "192.168.1.127", false), ("192.168.1.128/25", "192.168.1.128", true),
    ]) func networksContain(_ network: String, _ address: String, _ isInside: Bool) throws {
        let network = try #require(Network(network))
        let address = try #require(NetworkAddress(address))
        #expect(network.contains(high: address.high, low: address.low) == isInside)
    }

    @Test func partsOfAnOrigin() throws {
        let origin = try #require(Origin("https://[2001:db8::1]:8443"))
        #expect(origin.scheme == "https")
        #expect(origin.host == "[2001:db8::1]")
        #expect(origin.port == 8443)
        #expect(try #require(Origin("https://[::1]")).port == nil)
        for text in ["https://a:443", "http://a:80", "HTTPS://a", "https://A"] {
            #expect(Origin(text)?.isNeverSent == true)
        }
        for text in ["https://a:80", "http://a:443", "https://a"] { #expect(Origin(text)?.isNeverSent == false) }
    }

    @Test func trustedNetworks() throws {
        let configuration = try configuration("\"TrustedProxies\": [\"10.0.0.0/8\", \"::1\"]")
        #expect(configuration.trustedNetworks.map(\.prefixLength) == [104, 128])
    }
}
