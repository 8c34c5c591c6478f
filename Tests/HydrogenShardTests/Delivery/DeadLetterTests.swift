import HydrogenProtocol
import Testing

@testable import HydrogenShard

/// Events that will never be delivered: the bounds of outboxes, gaps, announcements.
@Suite struct DeadLetterTests {
    @Test(arguments: [2, 3, 4])
    func anOutboxAtItsNumberOfEventsGivesUpItsOldest(_ count: Int) throws {
        let world = DeliveryWorld(.init(maxOutboxEvents: 3))
        let (publisher, receiver) = (try world.connect(), try world.connect())
        try world.subscribe(receiver)
        world.lose(receiver)
        world.publish(1...count, by: publisher)
        #expect(world.count(.dead) == (count == 4 ? 1 : 0) && world.isLawKept)
        let (_, replay) = try world.resume(receiver, offset: 0)
        if count == 4 {
            #expect(replay.map(\.gap) == [1...1, nil, nil, nil] && replay.map(\.offset) == [0, 2, 3, 4])
        } else {
            #expect(replay.map(\.offset) == Array(1...count))
        }
    }

    @Test(arguments: [-1, 0, 1])
    func anOutboxAtItsBytesGivesUpItsOldest(_ excess: Int) throws {
        let probe = DeliveryWorld()
        let (prober, witness) = (try probe.connect(), try probe.connect())
        try probe.subscribe(witness)
        probe.publish([1, 2], by: prober)
        let outbox = probe.server.shards[0].shard.sessions[1].outbox
        let bytes = outbox.byteCount
        let world = DeliveryWorld(.init(maxOutboxBytes: bytes - excess))
        let (publisher, receiver) = (try world.connect(), try world.connect())
        try world.subscribe(receiver)
        world.lose(receiver)
        world.publish([1, 2], by: publisher)
        #expect(world.count(.dead) == (excess > 0 ? 1 : 0) && world.isLawKept)
    }

    @Test func oneEventIsAlwaysKeptWhateverItsSize() throws {
        let world = DeliveryWorld(.init(maxOutboxBytes: 10))
        let (publisher, receiver) = (try world.connect(), try world.connect())
        try world.subscribe(receiver)
        world.publish([1, 2], by: publisher)
        #expect(world.take(receiver).map(\.offset) == [1, 0, 2])
        #expect(world.count(.dead) == 1)
    }

    @Test func anAbsentReceiverDoesNotStopThePublisher() throws {
        let world = DeliveryWorld(.init(maxOutboxEvents: 10))
        let (publisher, receiver) = (try world.connect(), try world.connect())
        try world.subscribe(receiver)
        world.lose(receiver)
        world.publish(1...100, by: publisher)
        #expect(world.count(.dead) == 90 && world.server.deadLetters.map(\.offset) == Array(1...90))
        let (next, replay) = try world.resume(receiver, offset: 0)
        #expect(replay.map(\.gap).first == 1...90 && replay.dropFirst().map(\.offset) == Array(91...100))
        #expect(world.ack(next, offset: 100) == [] && world.isLawKept)
    }

    @Test func aGapIsToldAtEachResumeUntilAnOffsetAboveItIsAcked() throws {
        let world = DeliveryWorld(.init(maxOutboxEvents: 2))
        let publisher = try world.connect()
        var receiver = try world.connect()
        try world.subscribe(receiver)
        world.lose(receiver)
        world.publish(1...5, by: publisher)
        for _ in 0..<2 {
            let (next, replay) = try world.resume(receiver, offset: 0)
            #expect(replay.map(\.gap) == [1...3, nil, nil])
            receiver = next
            world.lose(receiver)
        }
        // What is acked is not named again.
        let (third, rest) = try world.resume(receiver, offset: 2)
        #expect(rest.map(\.gap) == [3...3, nil, nil])
        world.ack(third, id: rest[1].id)
        world.lose(third)
        let (_, last) = try world.resume(third, offset: 2)
        #expect(last.map(\.offset) == [5])
    }

    @Test func aGapNamesNoOffsetThatWasAcked() throws {
        let world = DeliveryWorld(.init(window: 10, maxOutboxEvents: 4))
        let (publisher, receiver) = (try world.connect(), try world.connect())
        try world.subscribe(receiver)
        world.publish(1...4, by: publisher)
        let events = world.take(receiver)
        world.ack(receiver, id: events[1].id)
        world.lose(receiver)
        world.publish(5...7, by: publisher)
        let (_, replay) = try world.resume(receiver, offset: 0)
        #expect(replay.compactMap(\.gap) == [1...1, 3...3])
        #expect(replay.filter { $0.gap == nil }.map(\.offset) == [4, 5, 6, 7])
    }

    @Test func administratorsAreToldAndNobodyElse() throws {
        let world = DeliveryWorld(.init(maxOutboxEvents: 1), loopCount: 2)
        let (publisher, receiver) = (try world.connect(), try world.connect())
        let administrator = try world.connect(loop: 1)
        try world.subscribe(receiver)
        try world.subscribe(administrator, #"{"topic":"dead_letter"}"#, channel: "system")
        let bob = TestServer.grant("bob", ["*:subscribe"], token: "hk_bob")
        let tester = TestServer.grant("tester", token: TestServer.token)
        for loop in 0...1 {
            world.server.shards[loop].shard.deliver(
                .keys(KeyRing(grants: [tester, bob], anonymous: nil)), at: world.server.now)
        }
        let stranger = try world.connect(token: "hk_bob")
        try world.subscribe(stranger, #"{"topic":"**"}"#, channel: "system")
        world.lose(receiver)
        world.publish([1, 2], by: publisher)
        let told = world.server.take(administrator.id, loop: 1)
        #expect(told.count == 1 && world.take(stranger) == [])
        let session = receiver.session.id
        let data = #""channel":"print","action":"x","session":"\#(session)","identity":"tester","offset":1,"attempts":0}"#
        #expect(told[0].contains(#""action":"dead_letter""#) && told[0].contains(data), "\(told)")
    }

    @Test func anAnnouncementThatNobodyTakesBringsAboutNoOther() throws {
        let world = DeliveryWorld(.init(maxOutboxEvents: 1))
        let (publisher, administrator) = (try world.connect(), try world.connect())
        try world.subscribe(administrator, #"{"topic":"**","guaranteed":true}"#, channel: "system")
        try world.subscribe(administrator)
        world.lose(administrator)
        world.publish(1...3, by: publisher)
        #expect(world.server.sum { $0.outboxEvents[0] } == 1 && world.isLawKept)
    }
}
