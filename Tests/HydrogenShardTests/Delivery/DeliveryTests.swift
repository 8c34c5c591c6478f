import HydrogenProtocol
import Testing

@testable import HydrogenShard

/// Guaranteed events of sessions on one loop: offsets, acks, windows, repetition.
@Suite struct DeliveryTests {
    @Test func offsetsRiseByOneAndTheTailSaysSo() throws {
        let world = DeliveryWorld()
        let (publisher, receiver) = (try world.connect(), try world.connect())
        try world.subscribe(receiver)
        world.publish(1...3, by: publisher)
        world.publish([4], by: publisher, #""guaranteed":false"#)
        let events = world.take(receiver)
        #expect(events.map(\.offset) == [1, 2, 3, 0])
        #expect(events.map(\.number) == [1, 2, 3, 4])
        #expect(events.allSatisfy { $0.attempt == 1 })
        #expect(world.server.sum { $0.outboxEvents[0] } == 3 && world.isLawKept)
    }

    @Test func acksByIDAndByOffsetAreIdempotent() throws {
        let world = DeliveryWorld()
        let (publisher, receiver) = (try world.connect(), try world.connect())
        try world.subscribe(receiver)
        world.publish(1...5, by: publisher)
        let events = world.take(receiver)
        let stale = { world.server.sum { $0.staleReferences[0] } }
        world.ack(receiver, id: events[1].id)
        #expect(world.count(.acked) == 1 && stale() == 0)
        world.ack(receiver, id: events[1].id)
        #expect(world.count(.acked) == 1 && stale() == 1)
        world.ack(receiver, offset: 3)
        world.ack(receiver, offset: 3)
        #expect(world.count(.acked) == 3 && world.server.sum { $0.outboxEvents[0] } == 2)
        for id in ["", "e", "e-0-1", "e1-0", "x", "e1-0-1-2", "e1-100000000-1", "e11111111111111111-0-1", "E1-0-1"] {
            world.ack(receiver, id: id.isEmpty ? "-" : id)
        }
        #expect(stale() == 10)
        world.ack(receiver, offset: 6)
        #expect(stale() == 11 && world.server.sum { $0.outboxEvents[0] } == 2)
        world.ack(receiver, offset: 5)
        #expect(world.count(.acked) == 5 && world.isLawKept)
    }

    @Test(arguments: 1...3)
    func aWindowOfEventsIsSentAndTheRestWaits(_ window: Int) throws {
        let world = DeliveryWorld(.init(window: window))
        let (publisher, receiver) = (try world.connect(), try world.connect())
        try world.subscribe(receiver)
        world.publish(1...5, by: publisher)
        let events = world.take(receiver)
        #expect(events.map(\.offset) == Array(1...window))
        // The last of the window first: one more may go, whatever is unacknowledged before it.
        #expect(world.ack(receiver, id: events[window - 1].id).map(\.offset) == [window + 1])
        #expect(world.ack(receiver, offset: window + 1).map(\.offset) == Array((window + 2)...5).prefix(window).map(\.self))
    }

    /// Half of `MaxSendQueueBytes` is the window's bound in bytes; one event is always sent.
    @Test func theWindowIsBoundedInBytesToo() throws {
        let pad = String(repeating: "x", count: 20_000)
        for (bytes, expected) in [(65_536, 1), (100_000, 2), (30_000, 1)] {
            let world = DeliveryWorld(maxSendQueueBytes: bytes)
            let (publisher, receiver) = (try world.connect(), try world.connect())
            try world.subscribe(receiver)
            world.publish(1...4, by: publisher, #""guaranteed":true,"data":{"pad":"\#(pad)"}"#)
            #expect(world.take(receiver).count == expected)
            #expect(world.ack(receiver, offset: expected).count == min(expected, 4 - expected))
            #expect(world.server.closeCodes.isEmpty)
        }
    }

    @Test func anUnackedEventIsSentAgainWithDoublingPausesUntilItIsADeadLetter() throws {
        let world = DeliveryWorld(.init(ackTimeout: .seconds(20), maxAttempts: 4))
        let (publisher, receiver) = (try world.connect(), try world.connect())
        try world.subscribe(receiver)
        world.publish([1], by: publisher)
        let first = try #require(world.take(receiver).first)
        // 20, 40, and 60 where 80 would be due.
        for (pause, attempt) in [(20, 2), (40, 3), (60, 4)] {
            world.advance(by: .seconds(Int64(pause)), short: true)
            #expect(world.take(receiver) == [])
            world.advance(by: Interval(nanoseconds: 1))
            let again = world.take(receiver)
            #expect(again.map(\.attempt) == [attempt] && again.first?.id == first.id && again.first?.offset == 1)
        }
        world.advance(by: .seconds(60), short: true)
        #expect(world.count(.dead) == 0)
        world.advance(by: Interval(nanoseconds: 1))
        #expect(world.take(receiver).map(\.gap) == [1...1])
        #expect(world.count(.dead) == 1 && world.count(.retried) == 3 && world.count(.sent) == 1 && world.isLawKept)
        #expect(world.server.deadLetters.map(\.offset) == [1] && world.server.deadLetters.map(\.attempts) == [4])
    }

    @Test func anAckTimeoutBeyondAMinuteIsNotDoubled() throws {
        let world = DeliveryWorld(.init(ackTimeout: .seconds(100), maxAttempts: 3))
        let (publisher, receiver) = (try world.connect(), try world.connect())
        try world.subscribe(receiver)
        world.publish([1], by: publisher)
        for attempt in 2...3 {
            _ = world.take(receiver)
            world.advance(by: .seconds(100))
            #expect(world.take(receiver).map(\.attempt) == [attempt])
        }
    }

    @Test func theAckIsWaitedForFromTheLastByteWritten() throws {
        let world = DeliveryWorld(.init(ackTimeout: .seconds(5), maxAttempts: 8))
        let (publisher, receiver) = (try world.connect(), try world.connect())
        try world.subscribe(receiver)
        world.server.choked = [receiver.id]
        world.publish([1, 2], by: publisher)
        world.advance(by: .seconds(20))
        #expect(world.count(.retried) == 0)
        world.server.unchoke(receiver.id)
        #expect(world.take(receiver).map(\.offset) == [1, 2])
        world.advance(by: .seconds(5), short: true)
        #expect(world.take(receiver) == [])
        world.advance(by: Interval(nanoseconds: 1))
        #expect(world.take(receiver).map(\.attempt) == [2, 2])
    }

    @Test func whatIsAckedWhileItWaitsToBeSentAgainIsNot() throws {
        let world = DeliveryWorld(.init(ackTimeout: .seconds(5)))
        let (publisher, receiver) = (try world.connect(), try world.connect())
        try world.subscribe(receiver)
        world.publish(1...3, by: publisher)
        _ = world.take(receiver)
        world.server.choked = [receiver.id]
        world.advance(by: .seconds(5))
        world.ack(receiver, offset: 2)
        world.server.unchoke(receiver.id)
        #expect(world.take(receiver).map(\.offset) == [3])
    }

    @Test func aGuaranteedSubscriptionMakesAPlainEventGuaranteed() throws {
        let world = DeliveryWorld()
        let (publisher, plain, guaranteed) = (try world.connect(), try world.connect(), try world.connect())
        try world.subscribe(plain)
        try world.subscribe(guaranteed, #"{"topic":"**"}"#)
        try world.subscribe(guaranteed, #"{"topic":"x","guaranteed":true,"priority":"high"}"#)
        world.publish([1], by: publisher, #""priority":"low""#)
        #expect(world.take(plain).map(\.offset) == [0])
        let events = world.take(guaranteed)
        #expect(events.map(\.offset) == [1] && events.map(\.priority) == ["high"])
        let answer = world.server.send(
            TestServer.command("print", "subscribe", #"{"topic":"x","guaranteed":true,"conflate_ms":5}"#), on: plain.id)
        #expect(answer[0].contains("invalid_data"))
    }

    @Test func aGuaranteedEventIsNotConflated() throws {
        let world = DeliveryWorld()
        let (publisher, receiver) = (try world.connect(), try world.connect())
        try world.subscribe(receiver, #"{"topic":"**","conflate_ms":1000}"#)
        world.publish(1...3, by: publisher)
        #expect(world.take(receiver).map(\.offset) == [1, 2, 3])
    }

    @Test func aRetainedEventIsGuaranteedToANewSubscriberToo() throws {
        let world = DeliveryWorld()
        let (publisher, plain, receiver) = (try world.connect(), try world.connect(), try world.connect())
        world.publish([1], by: publisher, #""retain":true"#)
        let subscribed = world.server.send(TestServer.command("print", "subscribe", #"{"topic":"**"}"#), on: plain.id)
        #expect(subscribed.compactMap(ReceivedEvent.init).map(\.offset) == [0])
        let answer = world.server.send(
            TestServer.command("print", "subscribe", #"{"topic":"**","guaranteed":true}"#), on: receiver.id)
        let events = answer.compactMap(ReceivedEvent.init)
        #expect(events.map(\.offset) == [1] && events.allSatisfy(\.isRetained))
        #expect(ReceivedEvent(answer[0]) == nil, "the response comes first")
    }

    @Test func publishersAndPlainEventsKeepTheirOrderAmongGuaranteedOnes() throws {
        let world = DeliveryWorld()
        let (publisher, receiver) = (try world.connect(), try world.connect())
        try world.subscribe(receiver)
        for number in 1...20 {
            world.publish([number], by: publisher, #""guaranteed":\#(number % 3 == 0)"#)
        }
        #expect(world.take(receiver).map(\.number) == Array(1...20))
    }

    @Test func prioritiesOrderWhatWaitsAndGuaranteedOnesKeepTheirOffsets() throws {
        let world = DeliveryWorld()
        let (publisher, receiver) = (try world.connect(), try world.connect())
        try world.subscribe(receiver)
        world.server.choked = [receiver.id]
        world.publish([1], by: publisher, #""priority":"normal""#)
        world.publish([2], by: publisher, #""priority":"low","guaranteed":true"#)
        world.publish([3], by: publisher, #""priority":"high","guaranteed":true"#)
        world.publish([4], by: publisher, #""priority":"critical""#)
        world.server.unchoke(receiver.id)
        // The urgent guaranteed one pulls the other along, since offsets keep their order.
        #expect(world.take(receiver).map(\.number) == [4, 2, 3, 1])
    }

    @Test func aSlowReaderOfGuaranteedEventsIsNoSlowConsumer() throws {
        let world = DeliveryWorld(maxSendQueueBytes: 4096)
        let (publisher, receiver) = (try world.connect(), try world.connect())
        try world.subscribe(receiver)
        world.server.choked = [receiver.id]
        let pad = String(repeating: "x", count: 500)
        world.publish(1...100, by: publisher, #""guaranteed":true,"data":{"pad":"\#(pad)"}"#)
        #expect(world.server.closeCodes.isEmpty && world.server.sum { $0.sendQueueBytes[0] } == 0)
        world.server.unchoke(receiver.id)
        var received: [Int] = []
        while true {
            let events = world.take(receiver)
            guard let last = events.last else { break }
            received += events.map(\.offset)
            world.server.send(#"{"type":"ack","offset":\#(last.offset)}"#, on: receiver.id, taking: false)
        }
        #expect(received == Array(1...100))
    }

    @Test func anInactivePeerStillHasGuaranteedEventsQueued() throws {
        var configuration = DeliveryWorld.configuration()
        configuration.timeouts = TestServer.configuration().timeouts
        let world = DeliveryWorld(configuration)
        let (publisher, receiver) = (try world.connect(), try world.connect())
        try world.subscribe(receiver)
        for _ in 0..<5 {
            world.advance(by: .seconds(9))
            world.server.send(TestServer.command("system", "ping"), on: publisher.id)
        }
        #expect(world.server.shards[0].shard.connections[Int(receiver.id.slot)].machine.kind == .inactive)
        world.publish([1], by: publisher, #""priority":"low""#)
        world.publish([2], by: publisher, #""priority":"low","guaranteed":true"#)
        #expect(world.take(receiver).filter { $0.number > 0 }.map(\.number) == [2])
    }
}
