import Foundation
import HydrogenProtocol
import Testing

@testable import HydrogenHTTP

@Suite struct APITests {
    static let authorization = ["Authorization": "Key \(TestAPI.key)"]

    /// A request that waits for its answer holds up no other: not on its own connection's daemon, and not scrapes.
    @Test func aWaitingAnswerHoldsUpNobody() throws {
        let api = TestAPI()
        api.state.withLock { $0.holdsAnswers = true }
        let server = try api.start()
        let waiting = try (0..<3).map { _ in try HTTPClient(port: server.port) }
        for client in waiting { try Self.sendPublish(client) }
        api.state.wait { $0.waiting.count == 3 ? () : nil }
        let other = try HTTPClient(port: server.port)
        for _ in 0..<3 { #expect(try other.request("GET", "/metrics").status == 200) }
        for client in waiting { #expect(client.isSilent) }
        let completions = api.state.withLock { $0.waiting }
        // In another order than they came.
        for (number, completion) in completions.enumerated().reversed() {
            completion(.accepted(event: "e\(number)", receivers: nil))
        }
        for client in waiting { #expect(try client.response(hasBody: true).text.hasPrefix(#"{"event":"e"#)) }
        // A connection goes on as before.
        #expect(try waiting[0].request("GET", "/-/healthy").status == 200)
    }

    @Test func whoWaitsIsAnsweredWhenTheServerStops() throws {
        let api = TestAPI()
        api.state.withLock { $0.holdsAnswers = true }
        let server = try api.start()
        let client = try HTTPClient(port: server.port)
        try Self.sendPublish(client)
        api.state.wait { $0.waiting.count == 1 ? () : nil }
        server.stop()
        // An answer that comes after that finds nobody.
        for completion in api.state.withLock({ $0.waiting }) { completion(.accepted(event: "e", receivers: nil)) }
    }

    /// Of the connections some are left for those that do not wait.
    @Test func onlySoManyMayWait() throws {
        let api = TestAPI()
        api.state.withLock { $0.holdsAnswers = true }
        let server = try api.start()
        var clients: [HTTPClient] = []
        for _ in 0..<WaitingRequests.maximumCount {
            clients.append(try HTTPClient(port: server.port))
            try Self.sendPublish(clients[clients.count - 1])
        }
        api.state.wait { $0.waiting.count == WaitingRequests.maximumCount ? () : nil }
        let one = try HTTPClient(port: server.port)
        try Self.sendPublish(one)
        #expect(try one.response(hasBody: true).status == 503)
        #expect(try one.request("GET", "/-/healthy").status == 200)
        api.state.withLock { $0.waiting }[0](.accepted(event: "e", receivers: nil))
        #expect(try clients[0].response(hasBody: true).status == 200)
        try Self.sendPublish(one)
        api.state.wait { $0.waiting.count == WaitingRequests.maximumCount + 1 ? () : nil }
        for completion in api.state.withLock({ $0.waiting }) { completion(.accepted(event: "e", receivers: nil)) }
    }

    private static func sendPublish(_ client: HTTPClient) throws {
        let body = #"{"channel":"print","action":"a"}"#
        try client.send(
            "POST /api/v1/publish HTTP/1.1\r\nHost: localhost\r\nAuthorization: Key \(TestAPI.key)\r\n"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    @Test(arguments: [
        (#"{"channel":"print","action":"a"}"#, 200), (#"{"channel":"print","action":"a","x":[1]}"#, 200),
        (#"[{"channel":"print","action":"a"}]"#, 200), ("[]", 200), ("", 400), ("{}", 400), (#""x""#, 400), ("[[[[[[]]]]]]", 400),
        (#"{"channel":"print","action":"a","data":{"x":"\#(String(repeating: "x", count: 1_000))"}}"#, 413),
    ])
    func aPublishIsReadAsItMustBe(_ body: String, _ status: Int) throws {
        let server = try TestAPI().start()
        let response = try HTTPClient(port: server.port).request("POST", "/api/v1/publish", Self.authorization, body: body)
        #expect(response.status == status, "\(response.text)")
    }

    @Test(arguments: [1, 0, -1])
    func aBodyMayHaveAMebibyte(_ difference: Int) throws {
        let server = try TestAPI().start()
        let client = try HTTPClient(port: server.port)
        let body = String(repeating: " ", count: HTTPExchange.maximumBodyByteCount + difference)
        let response = try client.request("POST", "/api/v1/publish", Self.authorization, body: body)
        #expect(response.status == (difference > 0 ? 413 : 400), "\(response.text)")
        #expect(try client.request("GET", "/-/healthy").status == 200, "it is read, and its connection goes on")
    }

    /// Of who has no key nothing is kept.
    @Test func aBodyWithoutAKeyIsDropped() throws {
        let api = TestAPI()
        let server = try api.start()
        let client = try HTTPClient(port: server.port)
        let body = #"{"channel":"print","action":"a"}"#
        #expect(try client.request("POST", "/api/v1/publish", body: body).status == 401)
        #expect(api.state.withLock { $0.published.isEmpty })
    }

    /// The file names what is served, and nothing else.
    @Test func theDescriptionNamesEveryEndpoint() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let data = try Data(contentsOf: root.appendingPathComponent("Documentation/openapi.json"))
        let document = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let paths = try #require(document["paths"] as? [String: [String: Any]])
        let described = paths.flatMap { path, methods in methods.keys.map { "\($0.uppercased()) \(path)" } }
        let served = APIEndpoints(api: TestAPI().api()).routes.map { "\($0.method) \($0.path)" }
        #expect(Set(described) == Set(served))
    }

    @Test func onlyLoopbackAndTLSAreServed() {
        let endpoints = APIEndpoints(api: TestAPI().api())
        let router = HTTPRouter(endpoints.routes)
        for (high, low, isSecure, isServed) in [
            (UInt64(0), UInt64(0xffff_7f00_0001), false, true), (0, 1, false, true), (0, 0xffff_0a00_0001, false, false),
            (0x2001_0db8_0000_0000, 1, false, false), (0, 0xffff_0a00_0001, true, true),
        ] {
            var request = HTTPRequest(method: "GET", path: "/api/v1/blocks", headers: [("Authorization", "Key \(TestAPI.key)")])
            request.peer.high = high
            request.peer.low = low
            request.isSecure = isSecure
            switch router.admit(request) {
            case .answered(let response): #expect(!isServed && response.status == 403)
            case .wanted: #expect(isServed)
            }
        }
    }
}
