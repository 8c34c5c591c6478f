import Testing

@testable import HydrogenProtocol

@Suite struct ServerURLTests {
    @Test(arguments: [
        ("ws://a", false, "a", 80, "/", "a"), ("wss://a", true, "a", 443, "/", "a"),
        ("WS://a:8080", false, "a", 8080, "/", "a:8080"), ("ws://a:80/", false, "a", 80, "/", "a"),
        ("wss://a.b:8443/c/d?e=f#g", true, "a.b", 8443, "/c/d?e=f", "a.b:8443"),
        ("ws://[::1]:8080/x", false, "::1", 8080, "/x", "[::1]:8080"), ("ws://[::1]", false, "::1", 80, "/", "[::1]"),
        ("ws://a?b", false, "a", 80, "/?b", "a"), ("ws://127.0.0.1:1#", false, "127.0.0.1", 1, "/", "127.0.0.1:1"),
    ] as [(String, Bool, String, UInt16, String, String)])
    func urlsAreRead(
        _ text: String, _ isSecure: Bool, _ host: String, _ port: UInt16, _ target: String, _ authority: String
    ) throws {
        let url = try #require(ServerURL(text))
        #expect(url.isSecure == isSecure && url.host == host && url.port == port && url.target == target)
        #expect(url.authority == authority)
    }

    @Test(arguments: [
        "", "a", "ws:/a", "ws//a", "http://a", "ws://", "ws:///x", "ws://:80", "ws://a:", "ws://a:0", "ws://a:65536",
        "ws://a:+1", "ws://a:1x", "ws://u:p@a", "ws://[::1", "ws://::1]", "ws://a b", "ws://a\n",
    ])
    func othersAreNone(_ text: String) {
        #expect(ServerURL(text) == nil)
    }
}
