import HydrogenProtocol
import Testing

@testable import HydrogenClientCore

/// From the first attempt into service, and back.
@Suite struct ConversationTests {
    @Test func theFirstConnection() throws {
        var client = TestClient()
        #expect(client.perform { $0.start(at: $1) } == [.state(.connecting), .open])
        #expect(client.perform { $0.transportOpened(at: $1) } == [.state(.greeting)])
        let (number, before) = try client.command("print", "job.start", #"{"id": 7}"#)
        #expect(before == [])
        #expect(
            client.hear(TestClient.greeting()) == [
                .state(.connected), .session(isResumed: false),
                .send(
                    #"{"type":"command","id":"1","auth":{"token":"hs_s1"},"channel":"print","action":"job.start","#
                        + #""data":{"id": 7}}"#),
            ])
        #expect(client.hear(TestClient.ok(number)) == [.answered(number, .ok)])
        #expect(client.hear(TestClient.ok(number)) == [])
        #expect(client.core.pendingCommandCount == 0)
    }

    @Test func aLostSessionIsMadeAnew() throws {
        var client = TestClient.connected(window: 0)
        let (subscription, asked) = try client.subscribe()
        #expect(asked.count == 1)
        #expect(client.hear(TestClient.ok(1, #"{"subscription":"sub-1"}"#)) == [.subscription(subscription, .ok)])
        _ = client.perform { $0.transportEnded(code: 1001, at: $1) }
        _ = client.pass(.seconds(1))
        _ = client.perform { $0.transportOpened(at: $1) }
        let done = client.hear(TestClient.greeting("s2", window: 0))
        #expect(
            done == [
                .state(.connected), .session(isResumed: false),
                .send(
                    #"{"type":"command","id":"2","auth":{"token":"hs_s2"},"channel":"print","action":"subscribe","#
                        + #""data":{"topic":"job.*"}}"#),
            ])
    }

    @Test func aSessionIsResumed() throws {
        var client = TestClient.connected()
        _ = try client.subscribe()
        client.hear(TestClient.ok(1, #"{"subscription":"sub-1"}"#))
        #expect(
            client.hear(TestClient.event(1)) == [.event("job.done", EventReference(offset: 1, session: 1))])
        #expect(client.acknowledge(1) == [.send(#"{"type":"ack","offset":1,"auth":{"token":"hs_s1"}}"#)])
        let done = client.reconnect()
        #expect(
            done.suffix(2) == [
                .state(.resuming),
                .send(
                    #"{"type":"command","id":"2","auth":{"token":"hs_s2"},"channel":"system","action":"resume","#
                        + #""data":{"session":"s1","token":"hs_s1","offset":1}}"#),
            ])
        let answer = #"{"session":"s1","resumed":true,"token":"hs_next","pending":1}"#
        #expect(client.hear(TestClient.ok(2, answer)) == [.state(.connected), .session(isResumed: true)])
        let ack = #"{"type":"ack","offset":1,"auth":{"token":"hs_next"}}"#
        #expect(client.hear(TestClient.event(1, attempt: 2)) == [.send(ack)])
        #expect(client.hear(TestClient.event(2)) == [.event("job.done", EventReference(offset: 2, session: 1))])
    }
}
