import Foundation
import HydrogenHTTP
import HydrogenMetrics
import Testing

@Suite(.serialized) struct HTTPServerTests {
    @Test func aNamedPortIsTaken() throws {
        let first = try TestServer.start()
        #expect(first.port != 0)
        #expect(throws: HTTPServerError.listen(interface: "127.0.0.1", port: first.port, errno: EADDRINUSE)) {
            _ = try TestServer.start(port: first.port)
        }
        let port = first.port
        first.stop()
        first.stop()
        #expect(throws: (any Error).self) { _ = try HTTPClient(port: port) }
        #expect(try TestServer.start(port: port).port == port)
    }

    @Test(arguments: ["", "localhost", "127.0.0.256", "127.0.0.1:80", "[::1]", "eth0"])
    func anInterfaceIsAnAddress(_ text: String) {
        #expect(throws: HTTPServerError.interface(text)) { _ = try TestServer.start(interface: text) }
    }

    @Test func anAddressThatIsNotOursIsAFault() {
        #expect(throws: HTTPServerError.listen(interface: "192.0.2.1", port: 0, errno: EADDRNOTAVAIL)) {
            _ = try TestServer.start(interface: "192.0.2.1")
        }
        #expect(
            HTTPServerError.listen(interface: "192.0.2.1", port: 9464, errno: EADDRNOTAVAIL).description
                == "cannot listen on 192.0.2.1 port 9464: Cannot assign requested address")
    }

    static let hasIPv6 = FileManager.default.fileExists(atPath: "/proc/net/if_inet6")

    @Test(.enabled(if: hasIPv6, "this machine has no IPv6"), arguments: [("::1", [AF_INET6]), ("::", [AF_INET6, AF_INET])])
    func internetProtocol6(_ interface: String, _ families: [Int32]) throws {
        let server = try TestServer.start(interface: interface)
        for family in families {
            let client = try HTTPClient(port: server.port, family: family)
            #expect(try client.request("GET", "/-/healthy").status == 200)
        }
    }

    @Test func twoThousandRequests() throws {
        let server = try TestServer.start()
        let client = try HTTPClient(port: server.port)
        let paths = ["/metrics", "/-/healthy", "/-/ready", "/status", "/"]
        var good = 0
        for index in 0..<2_000 where try client.request("GET", paths[index % paths.count]).status == 200 { good += 1 }
        #expect(good == 2_000)
        for _ in 0..<200 {
            let another = try HTTPClient(port: server.port)
            if try another.request("GET", "/status", ["Connection": "close"]).status == 200 { good += 1 }
        }
        #expect(good == 2_200)
    }

    @Test func moreConnectionsThanSelectCouldTake() throws {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = max(limit.rlim_cur, min(limit.rlim_max, 8_192))
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        try #require(limit.rlim_cur >= 4_096, "needs 4096 descriptors")

        let server = try TestServer.start { $0.connectionLimit = 2_000 }
        let clients = try (0..<1_200).map { _ in try HTTPClient(port: server.port) }
        var good = 0
        for client in clients where try client.request("GET", "/-/healthy").status == 200 { good += 1 }
        for client in clients.reversed() where try client.request("GET", "/metrics").status == 200 { good += 1 }
        #expect(good == 2_400)
    }

    @Test func connectionsBeyondTheLimitWait() throws {
        let server = try TestServer.start { $0.connectionLimit = 2 }
        var clients = try (0..<2).map { _ in try HTTPClient(port: server.port) }
        for client in clients { #expect(try client.request("GET", "/-/healthy").status == 200) }
        let third = try HTTPClient(port: server.port)
        try third.send("GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n\r\n")
        for _ in 0..<100 { #expect(try clients[0].request("GET", "/-/healthy").status == 200) }
        #expect(third.isSilent)
        clients.removeLast()
        #expect(try third.response(hasBody: true).status == 200)
    }

    @Test func aSilentConnectionIsClosed() throws {
        let server = try TestServer.start { $0.connectionTimeoutSeconds = 1 }
        let client = try HTTPClient(port: server.port)
        try client.send("GET /-/healthy HTTP/1.1\r\nHost:")
        let begun = ContinuousClock.now
        #expect(throws: (any Error).self) { _ = try client.response(hasBody: true) }
        #expect(ContinuousClock.now - begun < .seconds(8))
    }
}
