import HydrogenProtocol
import Testing

@testable import HydrogenShard

/// Whole conversations with one shard, or several.
@Suite struct ConversationTests {
    @Test func aCommandHasOneResponse() throws {
        let server = TestServer()
        let id = try #require(server.connect())
        let answers = server.send(TestServer.command("system", "ping", #"{"a":1}"#), on: id)
        #expect(answers.count == 1)
        #expect(answers[0].hasSuffix(#""channel":"system","action":"ping","status":"ok","data":{"a":1}}"#))
    }

    @Test(arguments: [
        ("system", "nothing", "unknown_action"), ("nowhere", "ping", "unknown_channel"), ("file", "steal", "unknown_action"),
        ("system", "publish", "forbidden"), ("print", "subscribe", "invalid_data"), ("print", "publish", "invalid_data"),
    ])
    func refusalsHaveTheirCode(_ channel: String, _ action: String, _ code: String) throws {
        let server = TestServer()
        let id = try #require(server.connect())
        let answers = server.send(TestServer.command(channel, action), on: id)
        #expect(answers.count == 1 && answers[0].contains(#""code":"\#(code)""#), "\(answers)")
    }

    @Test func whatIsNotPermittedIsForbiddenEvenIfItDoesNotExist() throws {
        let server = TestServer(permissions: ["print:subscribe"])
        let id = try #require(server.connect())
        for (channel, action) in [("nowhere", "x"), ("file", "list"), ("print", "publish")] {
            #expect(server.send(TestServer.command(channel, action), on: id)[0].contains("forbidden"))
        }
        #expect(server.send(TestServer.command("print", "subscribe", #"{"topic":"a"}"#), on: id)[0].contains("sub-1"))
    }

    @Test func anEventReachesEachSessionOnceOnEveryLoop() throws {
        let server = TestServer(loopCount: 2)
        let publisher = try #require(server.connect(loop: 0))
        let other = try #require(server.connect(loop: 1))
        for topic in ["job.*", "**"] {
            server.send(TestServer.command("print", "subscribe", #"{"topic":"\#(topic)"}"#), on: other, loop: 1)
        }
        let answers = server.send(
            TestServer.command("print", "publish", #"{"action":"job.done","data":{"n":1},"count":true}"#), on: publisher)
        #expect(answers[0].contains(#""receivers":1"#))
        let events = server.take(other, loop: 1)
        #expect(events.count == 1 && events[0].contains(#""data":{"n":1}"#))
        #expect(server.places.takenCount(at: 0) == 0 && server.places.takenCount(at: 1) == 0)
    }

    @Test func theSameKeyPublishesOnce() throws {
        let server = TestServer(loopCount: 3)
        let first = try #require(server.connect(loop: 0))
        let second = try #require(server.connect(loop: 2))
        server.send(TestServer.command("print", "subscribe", #"{"topic":"**"}"#), on: first)
        for key in ["a", "b", "c", "d"] {
            let publish = TestServer.command("print", "publish", #"{"action":"x","key":"\#(key)"}"#)
            let one = server.send(publish, on: second, loop: 2)
            let two = server.send(publish, on: second, loop: 2)
            #expect(one.count == 1 && two.count == 1)
            #expect(one[0].split(separator: "event").last == two[0].split(separator: "event").last)
            #expect(server.take(first).count == 1)
        }
        for loop in 0..<3 { #expect(server.places.takenCount(at: loop) == 0) }
    }

    @Test func aFullMailboxMakesThePublisherBusyAndReachesNobody() throws {
        let server = TestServer(loopCount: 2)
        let publisher = try #require(server.connect(loop: 0))
        #expect(server.places.reserve(8, of: .events, at: 1))
        server.send(TestServer.command("print", "subscribe", #"{"topic":"**"}"#), on: publisher)
        let answers = server.send(TestServer.command("print", "publish", #"{"action":"x"}"#), on: publisher)
        #expect(answers.count == 1 && answers[0].contains(#""code":"busy""#))
        server.places.release(8, of: .events, at: 1)
        #expect(server.send(TestServer.command("print", "publish", #"{"action":"x"}"#), on: publisher).count == 2)
    }

    @Test(arguments: [(1023, true), (1024, true), (1025, false)])
    func aMessageIsAsLargeAsAllowed(_ count: Int, _ isTaken: Bool) throws {
        let server = TestServer()
        let id = try #require(server.connect())
        let frame = TestServer.command("system", "ping", #"{"x":""}"#)
        let text = frame.replacing(#""x":"""#, with: #""x":""# + String(repeating: "y", count: count - frame.utf8.count) + #"""#)
        #expect(text.utf8.count == count)
        #expect(server.send(text, on: id).isEmpty != isTaken)
        #expect(server.closeCodes == (isTaken ? [] : [.messageTooLarge]))
    }

    @Test func theLastProtocolErrorOfAMinuteCloses() throws {
        let server = TestServer()
        let id = try #require(server.connect())
        for _ in 0..<2 { #expect(server.send("{", on: id).count == 1) }
        server.advance(by: .seconds(60))
        server.take(id)
        for _ in 0..<2 { #expect(server.send("{", on: id).count == 1) }
        #expect(server.closeCodes.isEmpty)
        #expect(server.send("{", on: id).count == 1)
        #expect(server.closeCodes == [.policyViolation])
    }

    @Test func maxConnectionsIsExactOverLoops() throws {
        let server = TestServer(loopCount: 2)
        let ids = [0, 1, 0].map { server.connect(loop: $0) }
        #expect(ids.allSatisfy { $0 != nil })
        #expect(server.connect(loop: 1) == nil)
        server.shards[0].shard.transportEnded(try #require(ids[0]), .lost, at: server.now)
        server.turn()
        #expect(server.connect(loop: 1) != nil)
    }

    @Test func aServiceThatIsSilentTimesOutAndItsLateAnswerIsDropped() throws {
        let server = TestServer()
        let id = try #require(server.connect())
        for _ in 0..<2 { #expect(server.send(TestServer.command("file", "list"), on: id).isEmpty) }
        #expect(server.send(TestServer.command("file", "list"), on: id)[0].contains(#""code":"busy""#))
        let requests = server.effects.compactMap { effect -> ServiceRequest? in
            if case .dispatch(let request) = effect { return request }
            return nil
        }
        server.advance(by: Interval(nanoseconds: Interval.seconds(30).nanoseconds - 1))
        #expect(server.take(id).filter { $0.contains("timeout") }.isEmpty)
        server.advance(by: Interval(nanoseconds: 1))
        #expect(server.take(id).filter { $0.contains(#""code":"timeout""#) }.count == 2)
        for request in requests {
            let answer = ServiceAnswer(slot: request.slot, generation: request.generation, outcome: .success(Array("{}".utf8)))
            server.shards[0].shard.deliver(.answer(answer), at: server.now)
        }
        server.turn()
        #expect(server.take(id).isEmpty)
    }

    @Test func aSlowConsumerLosesLowPriorityFirstAndThenItsConnection() throws {
        let server = TestServer()
        let publisher = try #require(server.connect())
        let slow = try #require(server.connect())
        server.send(TestServer.command("print", "subscribe", #"{"topic":"**"}"#), on: slow)
        server.choked = [slow]
        let padding = String(repeating: "x", count: 300)
        func publish(_ priority: String) {
            server.send(
                TestServer.command(
                    "print", "publish", #"{"action":"x","priority":"\#(priority)","data":{"p":"\#(padding)"}}"#),
                on: publisher)
        }
        for _ in 0..<6 { publish("low") }
        #expect(server.closeCodes.isEmpty, "low priority is dropped instead")
        for _ in 0..<4 { publish("normal") }
        #expect(server.shards[0].shard.connectionCount == 2)
        for _ in 0..<4 { publish("normal") }
        server.choked = []
        server.shards[0].shard.writable(slow, at: server.now) { bytes in
            server.keep(bytes, slow, 0)
            return .taken
        }
        server.turn()
        #expect(server.closeCodes == [.slowConsumer])
        #expect(server.take(slow).allSatisfy { !$0.contains(#""priority":"low""#) })
    }

    /// A peer that is behind may be reading all the time: it is asked like any other, before what waits for it, and once.
    @Test func aSlowReaderIsPinged() throws {
        let server = TestServer()
        let publisher = try #require(server.connect())
        let slow = try #require(server.connect())
        server.send(TestServer.command("print", "subscribe", #"{"topic":"**"}"#), on: slow)
        server.choked = [slow]
        server.send(TestServer.command("print", "publish", #"{"action":"x","data":{}}"#), on: publisher)
        server.advance(by: .seconds(25))
        server.advance(by: .seconds(9))
        server.unchoke(slow)
        let sent = server.take(slow)
        #expect(sent.first == "hb")
        #expect(sent.count == 2)
        server.shards[0].shard.pongReceived(on: slow, at: server.now)
        server.choked = [slow]
        server.send(TestServer.command("print", "publish", #"{"action":"x","data":{}}"#), on: publisher)
        server.advance(by: .seconds(25))
        server.advance(by: .seconds(10))
        server.unchoke(slow)
        #expect(server.take(slow).count { $0 == "hb" } == 1, "a second ping waits for the first to leave")
    }

    @Test func aDrainClosesEveryConnection() throws {
        let server = TestServer()
        let ids = [server.connect(), server.connect()].compactMap { $0 }
        #expect(server.places.reserve(of: .control, at: 0))
        server.shards[0].shard.deliver(.drain(spread: .seconds(10)), at: server.now)
        server.turn()
        #expect(server.closeCodes == [.goingAway])
        server.advance(by: .seconds(5))
        #expect(server.closeCodes == [.goingAway, .goingAway])
        for id in ids { server.shards[0].shard.transportEnded(id, .closed(1001), at: server.now) }
        server.turn()
        #expect(server.effects.contains { if case .drained = $0 { true } else { false } })
    }

    @Test func aDeadPeerIsGivenUpAfterTheSumOfItsTimeouts() throws {
        let server = TestServer()
        _ = try #require(server.connect())
        for _ in 0..<49 { server.advance(by: .seconds(1)) }
        #expect(server.closeCodes.isEmpty)
        server.advance(by: .seconds(1))
        #expect(server.closeCodes == [.heartbeatTimeout])
    }
}
