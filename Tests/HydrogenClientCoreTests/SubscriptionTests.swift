import HydrogenProtocol
import Testing

@testable import HydrogenClientCore

@Suite struct SubscriptionTests {
    private static func message(
        _ id: Int, _ action: String, _ data: String, token: String = "hs_s1"
    ) -> TestClient.Did {
        .send(
            #"{"type":"command","id":"\#(id)","auth":{"token":"\#(token)"},"channel":"print","action":"\#(action)","#
                + #""data":\#(data)}"#)
    }

    /// A client with one subscription that the server has.
    private static func subscribed() throws -> TestClient {
        var client = TestClient.connected()
        _ = try client.subscribe()
        client.hear(TestClient.ok(1, #"{"subscription":"sub-1"}"#))
        return client
    }

    @Test func unsubscribingNamesTheSubscription() throws {
        var client = try Self.subscribed()
        let done = client.perform { $0.unsubscribe(1, at: $1) }
        #expect(done == [Self.message(2, "unsubscribe", #"{"subscription":"sub-1"}"#)])
        #expect(client.hear(TestClient.ok(2)) == [])
        #expect(client.core.subscriptionCount == 0)
        #expect(client.perform { $0.unsubscribe(1, at: $1) } == [])
    }

    @Test func oneThatIsRefusedIsKeptNoMore() throws {
        var client = TestClient.connected()
        let (number, _) = try client.subscribe()
        let refusal = TestClient.error(1, "authentication", "forbidden", isRetryable: false)
        #expect(client.hear(refusal) == [.subscription(number, .failed)])
        #expect(client.core.subscriptionCount == 0)
    }

    @Test func oneThatIsPutOffComesLater() throws {
        var client = TestClient.connected()
        let (number, _) = try client.subscribe()
        let limited = TestClient.error(1, "connection", "rate_limited", isRetryable: true, retryAfter: 700)
        #expect(client.hear(limited) == [])
        #expect(client.pass(.milliseconds(699)) == [])
        #expect(client.pass(.milliseconds(501)) == [Self.message(2, "subscribe", #"{"topic":"job.*"}"#)])
        #expect(client.hear(TestClient.ok(2, #"{"subscription":"sub-1"}"#)) == [.subscription(number, .ok)])
    }

    /// Its answer is on its way: the server has it before it can be told to drop it.
    @Test func unsubscribingBeforeTheAnswerWaitsForIt() throws {
        var client = TestClient.connected()
        _ = try client.subscribe()
        #expect(client.perform { $0.unsubscribe(1, at: $1) } == [])
        let done = client.hear(TestClient.ok(1, #"{"subscription":"sub-1"}"#))
        #expect(done == [Self.message(2, "unsubscribe", #"{"subscription":"sub-1"}"#)])
    }

    /// The server gives the same request the same id: it must not be dropped for another one that wants it still.
    @Test func aSharedSubscriptionStays() throws {
        var client = try Self.subscribed()
        let (second, _) = try client.subscribe()
        client.hear(TestClient.ok(2, #"{"subscription":"sub-1"}"#))
        #expect(client.perform { $0.unsubscribe(1, at: $1) } == [])
        let done = client.perform { $0.unsubscribe(second, at: $1) }
        #expect(done == [Self.message(3, "unsubscribe", #"{"subscription":"sub-1"}"#)])
    }

    /// In a session that was resumed the server has what it had; what was not answered is asked for once more, and what
    /// was ended meanwhile is told.
    @Test func aResumedSessionIsBroughtUpToDate() throws {
        var client = try Self.subscribed()
        _ = try client.subscribe("lost.*")
        client.perform { $0.transportEnded(code: nil, at: $1) }
        client.perform { $0.unsubscribe(1, at: $1) }
        client.pass(.seconds(1))
        client.perform { $0.transportOpened(at: $1) }
        client.hear(TestClient.greeting("s2"))
        let done = client.hear(TestClient.ok(3, #"{"session":"s1","resumed":true,"token":"t2","pending":0}"#))
        #expect(
            done == [
                .state(.connected), .session(isResumed: true),
                Self.message(4, "unsubscribe", #"{"subscription":"sub-1"}"#, token: "t2"),
                Self.message(5, "subscribe", #"{"topic":"lost.*"}"#, token: "t2"),
            ])
    }

    /// Asked for, ended, and the connection lost before the answer: the session may have it.
    @Test func oneThatMayExistIsEndedInAResumedSession() throws {
        var client = TestClient.connected()
        _ = try client.subscribe()
        client.perform { $0.unsubscribe(1, at: $1) }
        _ = client.reconnect()
        let resumed = client.hear(TestClient.ok(2, #"{"session":"s1","resumed":true,"token":"t2","pending":0}"#))
        #expect(resumed.last == Self.message(3, "subscribe", #"{"topic":"job.*"}"#, token: "t2"))
        let done = client.hear(TestClient.ok(3, #"{"subscription":"sub-1"}"#))
        #expect(done == [Self.message(4, "unsubscribe", #"{"subscription":"sub-1"}"#, token: "t2")])
        client.hear(TestClient.ok(4))
        #expect(client.core.subscriptionCount == 0)
    }

    /// A new session has none: only what is wanted is asked for.
    @Test func aNewSessionGetsWhatIsWanted() throws {
        var client = try Self.subscribed()
        _ = try client.subscribe("kept.*")
        client.hear(TestClient.ok(2, #"{"subscription":"sub-2"}"#))
        client.perform { $0.unsubscribe(1, at: $1) }
        _ = client.reconnect()
        let done = client.hear(TestClient.error(4, "authentication", "session", isRetryable: false))
        #expect(
            done == [
                .state(.connected), .session(isResumed: false),
                Self.message(5, "subscribe", #"{"topic":"kept.*"}"#, token: "hs_s2"),
            ])
        #expect(client.core.subscriptionCount == 1)
    }

    @Test(arguments: [-1, 0, 1]) func subscriptionsHaveABound(_ excess: Int) throws {
        var configuration = TestClient.prompt
        configuration.maxSubscriptions = 4
        var client = TestClient.connected(configuration)
        for number in 0..<(4 + min(excess, 0)) { _ = try client.subscribe("t\(number)") }
        if excess > 0 { #expect(throws: ClientError.tooMany) { try client.subscribe("more") } }
        #expect(client.core.subscriptionCount == 4 + min(excess, 0))
    }
}
