import HydrogenProtocol
import Testing

@testable import HydrogenClientCore

@Suite struct CommandTests {
    @Test func eachCommandEndsOnce() throws {
        var client = TestClient.connected()
        let (first, _) = try client.command()
        let (second, _) = try client.command()
        let (third, _) = try client.command(timeout: .seconds(2))
        #expect([first, second, third] == [1, 2, 3])
        #expect(client.hear(TestClient.ok(second)) == [.answered(second, .ok)])
        #expect(
            client.hear(TestClient.error(first, "application", "busy", isRetryable: true)) == [
                .answered(first, .failed)
            ])
        #expect(client.pass(.milliseconds(1_999)) == [])
        #expect(client.pass(.milliseconds(1)) == [.answered(third, .timedOut)])
        #expect(client.hear(TestClient.ok(third)) == [])
    }

    @Test func aLostConnectionEndsWhatWasSent() throws {
        var client = TestClient.connected()
        let (sent, _) = try client.command()
        let done = client.perform { $0.transportEnded(code: nil, at: $1) }
        #expect(done == [.state(.waiting), .answered(sent, .connectionLost)])
        let (waiting, none) = try client.command(timeout: .seconds(60))
        #expect(none == [])
        let stopped = client.perform { $0.stop(at: $1) }
        #expect(stopped == [.state(.stopped), .answered(waiting, .stopped)])
        #expect(throws: ClientError.notRunning) { try client.command() }
    }

    @Test func whatWaitsIsGivenUpInTime() throws {
        var client = TestClient()
        client.perform { $0.start(at: $1) }
        let (number, _) = try client.command(timeout: .milliseconds(10))
        #expect(client.pass(.milliseconds(10)) == [.answered(number, .timedOut)])
    }

    @Test func whatWaitsGoesInItsOrder() throws {
        var client = TestClient()
        client.perform { $0.start(at: $1) }
        let numbers = try ["first", "second", "third"].map { try client.command("print", $0).0 }
        client.perform { $0.transportOpened(at: $1) }
        let sent = client.hear(TestClient.greeting()).compactMap { done -> String? in
            if case .send(let text) = done { return text }
            return nil
        }
        #expect(sent.count == 3)
        for (text, (number, action)) in zip(sent, zip(numbers, ["first", "second", "third"])) {
            #expect(text.contains(#""id":"\#(number)""#) && text.contains(#""action":"\#(action)""#))
        }
    }

    /// With a key, a publish whose answer was lost is sent again, under the same number.
    @Test func aPublishWithAKeyIsRepeated() throws {
        var client = TestClient.connected()
        var options = PublishOptions()
        options.key = "k1"
        let (number, sent) = try client.publish(options)
        let data = #""data":{"action":"job.done","data":{"id":7},"key":"k1"}}"#
        let first = #"{"type":"command","id":"1","auth":{"token":"hs_s1"},"channel":"print","action":"publish","#
        #expect(sent == [.send(first + data)])
        #expect(client.perform { $0.transportEnded(code: 1006, at: $1) } == [.state(.waiting)])
        client.pass(.seconds(1))
        client.perform { $0.transportOpened(at: $1) }
        client.hear(TestClient.greeting("s2", window: 0))
        #expect(client.core.pendingCommandCount == 1)
        let busy = TestClient.error(number, "application", "busy", isRetryable: true, retryAfter: 300)
        #expect(client.hear(busy) == [])
        #expect(client.pass(.milliseconds(299)) == [])
        let again = #"{"type":"command","id":"1","auth":{"token":"hs_s2"},"channel":"print","action":"publish","#
        #expect(client.pass(.milliseconds(501)) == [.send(again + data)])
        #expect(client.hear(TestClient.ok(number, #"{"event":"e1"}"#)) == [.answered(number, .ok)])
    }

    /// Without a connection it cannot be sent: nobody is woken up again and again to try.
    @Test func aPublishThatIsToBeRepeatedWaitsForTheConnection() throws {
        var client = TestClient.connected()
        var options = PublishOptions()
        options.key = "k1"
        let (number, _) = try client.publish(options)
        client.hear(TestClient.error(number, "application", "busy", isRetryable: true, retryAfter: 300))
        client.perform { $0.transportEnded(code: 1006, at: $1) }
        for _ in 0..<3 {
            client.pass(.milliseconds(600))
            #expect(client.core.nextDeadline.map { $0 > client.now } == true)
        }
        client.perform { $0.transportOpened(at: $1) }
        #expect(client.hear(TestClient.greeting("s2", window: 0)).count { if case .send = $0 { true } else { false } } == 1)
    }

    @Test func aRepeatedPublishEndsInTime() throws {
        var client = TestClient.connected()
        var options = PublishOptions()
        options.key = "k1"
        let (number, _) = try client.publish(options, timeout: .seconds(1))
        client.perform { $0.transportEnded(code: 1006, at: $1) }
        #expect(client.pass(.seconds(1)).contains(.answered(number, .timedOut)))
        #expect(client.core.pendingCommandCount == 0)
    }

    @Test func publishOptionsAreThoseOfTheContract() throws {
        var client = TestClient.connected()
        var options = PublishOptions()
        (options.isGuaranteed, options.isRetained, options.countsReceivers) = (true, true, true)
        (options.priority, options.identity, options.session, options.reachesAll) = (.high, "a\"b", "s9", true)
        let (_, sent) = try client.publish(options)
        let data = #"{"action":"job.done","data":{"id":7},"guaranteed":true,"priority":"high","retain":true,"#
            + #""count":true,"to":{"identity":"a\"b","session":"s9","all":true}}"#
        #expect(sent == [
            .send(
                #"{"type":"command","id":"1","auth":{"token":"hs_s1"},"channel":"print","action":"publish","data":"#
                    + data + "}")
        ])
    }

    @Test(arguments: [
        ("Print", "start", "{}", ClientError.invalidChannel), ("print", "a..b", "{}", .invalidAction),
        ("print", "start", "[]", .invalidData), ("print", "start", "{} ", nil), ("print", "start", "{", .invalidData),
        ("print", "start", "", .invalidData), ("", "start", "{}", .invalidChannel), ("print", "", "{}", .invalidAction),
    ] as [(String, String, String, ClientError?)])
    func whatTheServerWouldRefuseIsNotSent(
        _ channel: String, _ action: String, _ data: String, _ expected: ClientError?
    ) {
        var client = TestClient.connected()
        do throws(ClientError) {
            _ = try client.core.command(
                channel: channel.utf8.span, action: action.utf8.span, data: data.utf8.span, timeout: .seconds(1),
                at: client.now)
            #expect(expected == nil)
        } catch {
            #expect(error == expected)
        }
        #expect(client.poll().isEmpty == (expected != nil))
    }

    @Test(arguments: [-1, 0, 1]) func commandsHaveABound(_ excess: Int) throws {
        var configuration = TestClient.prompt
        configuration.maxCommands = 8
        var client = TestClient.connected(configuration)
        for _ in 0..<(8 + min(excess, 0)) { _ = try client.command() }
        if excess > 0 {
            #expect(throws: ClientError.tooMany) { try client.command() }
            client.hear(TestClient.ok(1))
            _ = try client.command()
        }
        #expect(client.core.pendingCommandCount == 8 + min(excess, 0))
    }

    @Test(arguments: [-1, 0, 1]) func messagesHaveABound(_ excess: Int) throws {
        var client = TestClient()
        client.perform { $0.start(at: $1) }
        client.perform { $0.transportOpened(at: $1) }
        client.hear(TestClient.greeting(limit: 256))
        let head = #"{"type":"command","id":"1","auth":{"token":"hs_s1"},"channel":"print","action":"x","#
        let frame = head + #""data":{"a":""}}"#
        let text = String(repeating: "a", count: 256 - frame.utf8.count + excess)
        if excess > 0 {
            #expect(throws: ClientError.tooLarge) { try client.command("print", "x", #"{"a":"\#(text)"}"#) }
            #expect(client.poll() == [])
        } else {
            #expect(try client.command("print", "x", #"{"a":"\#(text)"}"#).1.count == 1)
        }
    }

    /// What waited for a connection is too long for the server there: it is not sent, which would end the client.
    @Test(arguments: [0, 1]) func whatWaitedMayBeTooLong(_ excess: Int) throws {
        var client = TestClient()
        client.perform { $0.start(at: $1) }
        let head = #"{"type":"command","id":"1","auth":{"token":"hs_s1"},"channel":"print","action":"x","#
        let room = 256 - (head + #""data":{"a":""}}"#).utf8.count + excess
        let (long, _) = try client.command("print", "x", #"{"a":"\#(String(repeating: "a", count: room))"}"#)
        let (short, _) = try client.command("print", "x")
        let (subscription, _) = try client.subscribe(String(repeating: "a", count: 300))
        client.perform { $0.transportOpened(at: $1) }
        let done = client.hear(TestClient.greeting(limit: 256))
        #expect(done.contains(.answered(long, .tooLarge)) == (excess > 0))
        #expect(!done.contains(.answered(short, .tooLarge)))
        #expect(done.contains(.subscription(subscription, .tooLarge)))
        #expect(client.core.subscriptionCount == 0 && client.core.kind == .connected)
    }

    /// `system/refresh`: the token of the latest answer is the one that is used.
    @Test func aNewTokenIsUsed() throws {
        var client = TestClient.connected()
        let (number, _) = try client.command("system", "refresh")
        client.hear(TestClient.ok(number, #"{"token":"hs_new"}"#))
        #expect(client.core.session?.token == Array("hs_new".utf8))
        let (_, sent) = try client.command()
        #expect(sent.first.map { "\($0)".contains("hs_new") } == true)
    }
}
