import HydrogenProtocol
import Testing

@testable import HydrogenShard

/// Guaranteed events while connections come and go.
@Suite struct DeliveryResumeTests {
    @Test func whatWasNotAckedFollowsInOrderAndThenWhatIsNew() throws {
        let world = DeliveryWorld(.init(window: 3))
        let (publisher, first) = (try world.connect(), try world.connect())
        try world.subscribe(first)
        world.publish(1...5, by: publisher)
        #expect(world.take(first).map(\.offset) == [1, 2, 3])
        world.lose(first)
        world.publish([6], by: publisher)
        world.publish([7], by: publisher, #""guaranteed":false"#)
        let (second, replay) = try world.resume(first, offset: 1)
        #expect(replay.map(\.offset) == [2, 3, 4] && replay.map(\.attempt) == [2, 2, 1])
        #expect(world.ack(second, offset: 4).map(\.offset) == [5, 6])
        world.publish([8], by: publisher)
        #expect(world.take(second).map(\.offset) == [7])
        #expect(world.isLawKept && world.count(.acked) == 4)
    }

    @Test(arguments: 0...5)
    func anyOffsetThatWasGivenMayBeResumedFrom(_ offset: Int) throws {
        let world = DeliveryWorld()
        let (publisher, first) = (try world.connect(), try world.connect())
        try world.subscribe(first)
        world.publish(1...5, by: publisher)
        world.lose(first)
        let second = try world.connect()
        let refused = world.server.send(SessionsTests.resume(first.session, offset: 6), on: second.id)
        #expect(refused[0].contains("invalid_data"))
        let answer = world.server.send(SessionsTests.resume(first.session, offset: offset), on: second.id)
        #expect(answer[0].contains(#""pending":\#(5 - offset)}"#))
        #expect(answer.dropFirst().compactMap(ReceivedEvent.init).map(\.offset) == Array(offset + 1..<6))
        #expect(world.count(.acked) == Int64(offset) && world.isLawKept)
    }

    @Test func anAckOfAnEarlierConnectionsEventCountsOnTheNextOne() throws {
        let world = DeliveryWorld(.init(window: 2))
        let (publisher, first) = (try world.connect(), try world.connect())
        try world.subscribe(first)
        world.publish(1...4, by: publisher)
        let events = world.take(first) + world.ack(first, offset: 1)
        #expect(events.map(\.offset) == [1, 2, 3])
        world.server.choked = []
        world.lose(first)
        let next = try world.connect()
        world.server.choked = [next.id]
        world.server.send(SessionsTests.resume(first.session, offset: 1), on: next.id)
        // The second and third were written to the connection before; nothing was to this one.
        world.server.send(#"{"type":"ack","id":"\#(events[2].id)"}"#, on: next.id)
        world.server.send(#"{"type":"ack","id":"\#(events[1].id)"}"#, on: next.id)
        world.server.unchoke(next.id)
        #expect(world.take(next).map(\.offset) == [4])
        #expect(world.count(.acked) == 3 && world.isLawKept)
    }

    @Test func sendingsOfAConnectionThatIsTakenOverAreNotWrittenTwice() throws {
        let world = DeliveryWorld()
        let (publisher, first) = (try world.connect(), try world.connect())
        try world.subscribe(first)
        world.server.choked = [first.id]
        world.publish(1...3, by: publisher)
        let (second, replay) = try world.resume(first, offset: 0)
        #expect(replay.map(\.offset) == [1, 2, 3] && replay.allSatisfy { $0.attempt == 1 })
        world.server.unchoke(first.id)
        #expect(world.take(first) == [] && world.server.closeCodes == [.sessionTakenOver])
        world.publish([4], by: publisher)
        #expect(world.take(second).map(\.offset) == [4] && world.count(.sent) == 4)
    }

    @Test func sessionsThatEndLetTheirEventsExpire() throws {
        for code: UInt16? in [1000, nil] {
            let world = DeliveryWorld()
            let (publisher, receiver) = (try world.connect(), try world.connect())
            try world.subscribe(receiver)
            world.publish(1...3, by: publisher)
            world.ack(receiver, offset: 1)
            world.server.end(receiver.id, code: code)
            #expect(world.count(.expired) == (code == 1000 ? 2 : 0))
            world.advance(by: .seconds(120))
            #expect(world.count(.expired) == 2 && world.server.sum { $0.outboxEvents[0] } == 0 && world.isLawKept)
        }
    }

    @Test func noTimeOutRunsWhileAwayAndAttemptsGoOnCounting() throws {
        let world = DeliveryWorld(.init(ackTimeout: .seconds(5), maxAttempts: 3))
        let (publisher, first) = (try world.connect(), try world.connect())
        try world.subscribe(first)
        world.publish([1], by: publisher)
        world.advance(by: .seconds(5))
        #expect(world.take(first).map(\.attempt) == [1, 2])
        world.lose(first)
        world.advance(by: .seconds(100))
        #expect(world.count(.dead) == 0)
        let (second, replay) = try world.resume(first, offset: 0)
        #expect(replay.map(\.attempt) == [3])
        world.lose(second)
        // It was sent as often as it may be.
        let (third, rest) = try world.resume(second, offset: 0)
        #expect(rest.map(\.gap) == [1...1] && world.count(.dead) == 1)
        world.publish([2], by: publisher)
        #expect(world.take(third).map(\.offset) == [2] && world.isLawKept)
    }

    @Test func eventsToAnIdentityASessionOrAllReachWhoIsAway() throws {
        let world = DeliveryWorld()
        let publisher = try world.connect()
        let subscriber = try world.connect()
        let bystander = try world.connect(token: "hk_bob")
        try world.subscribe(subscriber)
        try world.subscribe(bystander)
        let silent = try world.connect(token: "hk_bob")
        for client in [subscriber, bystander, silent] { world.lose(client) }
        func publish(_ number: Int, to target: String) -> String {
            world.server.send(
                TestServer.command(
                    "print", "publish",
                    #"{"action":"x","data":{"n":\#(number)},"guaranteed":true,"count":true,"to":{\#(target)}}"#),
                on: publisher.id
            ).first { $0.contains("receivers") } ?? ""
        }
        #expect(publish(1, to: #""identity":"bob""#).contains(#""receivers":1"#))
        #expect(publish(2, to: #""session":"\#(subscriber.session.id)""#).contains(#""receivers":1"#))
        #expect(publish(3, to: #""all":true"#).contains(#""receivers":4"#))
        #expect(publish(4, to: #""identity":"bob","session":"\#(subscriber.session.id)""#).contains(#""receivers":0"#))
        #expect(try world.resume(subscriber, offset: 0).1.map(\.number) == [2, 3])
        for (client, numbers) in [(bystander, [1, 3]), (silent, [3])] {
            let next = try world.connect(token: "hk_bob")
            let answer = world.server.send(SessionsTests.resume(client.session), on: next.id)
            #expect(answer.compactMap(ReceivedEvent.init).map(\.number) == numbers)
        }
    }

    @Test func plainEventsAreNeitherKeptNorCountedForWhoIsAway() throws {
        let world = DeliveryWorld()
        let (publisher, receiver) = (try world.connect(), try world.connect())
        try world.subscribe(receiver)
        world.lose(receiver)
        let answer = world.server.send(
            TestServer.command("print", "publish", #"{"action":"x","count":true}"#), on: publisher.id)
        #expect(answer[0].contains(#""receivers":0"#))
        #expect(try world.resume(receiver, offset: 0).1 == [])
    }

    @Test func aSessionIsResumedAnyNumberOfTimesWhileEventsArrive() throws {
        let world = DeliveryWorld(.init(window: 4, maxAttempts: 100))
        let publisher = try world.connect()
        var receiver = try world.connect()
        try world.subscribe(receiver)
        var processed = 0
        var seen: [Int] = []
        func handle(_ events: [ReceivedEvent]) {
            for event in events where event.offset > processed {
                #expect(event.offset == processed + 1)
                processed = event.offset
                seen.append(event.number)
            }
        }
        for round in 1...40 {
            world.publish([round * 2 - 1, round * 2], by: publisher)
            handle(world.take(receiver))
            if round % 3 == 0 { handle(world.ack(receiver, offset: processed)) }
            if round % 2 == 0 { world.lose(receiver) }
            let (next, replay) = try world.resume(receiver, offset: processed)
            receiver = next
            handle(replay)
        }
        while true {
            let more = world.ack(receiver, offset: processed)
            if more.isEmpty { break }
            handle(more)
        }
        #expect(seen == Array(1...80) && world.isLawKept && world.server.sum { $0.outboxEvents[0] } == 0)
    }
}
