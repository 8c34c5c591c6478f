import HydrogenProtocol
import Testing

@testable import HydrogenShard

/// What waits for the durable store, and what does not.
@Suite struct StoreTests {
    private let world: DeliveryWorld
    private let store = ModelStore()
    private var server: TestServer { self.world.server }

    init() { self.world = DeliveryWorld(Self.configuration(), loopCount: 3) }

    static func configuration(window: Int = 64, maxOutboxEvents: Int = 1000) -> ShardConfiguration {
        DeliveryWorld.configuration(
            .init(window: window, ackTimeout: .seconds(600), maxOutboxEvents: maxOutboxEvents, isDurable: true))
    }

    private func answer(_ isStored: Bool = true) { self.server.answerStoreFully(isStored, into: self.store) }

    private func connect(_ loop: Int) throws -> TestClient {
        let client = try self.world.connect(loop: loop)
        self.world.advance(by: StoreLog.patience)
        self.answer()
        return client
    }

    private func subscribe(_ client: TestClient, _ data: String = #"{"topic":"**"}"#) {
        let early = self.server.send(TestServer.command("print", "subscribe", data), on: client.id, loop: client.loop)
        #expect(early == [], "it is answered once it is stored")
        self.answer()
        #expect(self.server.take(client.id, loop: client.loop).contains { $0.contains(#""subscription""#) })
    }

    private func publish(_ client: TestClient, _ number: Int, _ options: String = #""guaranteed":true"#) -> [String] {
        self.server.send(
            TestServer.command("print", "publish", #"{"action":"x","data":{"n":\#(number)},\#(options)}"#),
            on: client.id, loop: client.loop)
    }

    private func outcome(_ client: TestClient) -> String {
        let texts = self.server.take(client.id, loop: client.loop).filter { $0.contains(#""type":"response""#) }
        guard texts.count == 1 else { return "\(texts.count) responses" }
        return texts[0].contains(#""status":"ok""#) ? "ok" : SessionData.string("code", in: #""data":"# + texts[0])
    }

    @Test(arguments: [true, false])
    func aGuaranteedPublishIsAnsweredAndDeliveredAfterItsCommit(_ isStored: Bool) throws {
        let (publisher, near, far) = (try self.connect(0), try self.connect(0), try self.connect(2))
        for client in [near, far] { self.subscribe(client) }
        #expect(self.publish(publisher, 1, #""guaranteed":true,"count":true"#) == [])
        #expect(self.world.take(near) == [] && self.world.take(far) == [])
        #expect(self.server.batches.count == 1 && self.server.batches[0].loop == 0)
        #expect(self.server.batches[0].events.count == 1 && self.server.batches[0].rows.count == 2)
        self.answer(isStored)
        if isStored {
            let responses = self.server.take(publisher.id)
            #expect(responses.count == 1 && responses[0].contains(#""receivers":2"#))
        } else {
            #expect(self.outcome(publisher) == "failed")
        }
        for client in [near, far] { #expect(self.world.take(client).map(\.offset) == (isStored ? [1] : [])) }
        #expect(self.store.rowCount == (isStored ? 2 : 0) && self.world.isLawKept && self.world.arePlacesFree)
        #expect(self.server.sum { $0.outboxEvents[0] } == (isStored ? 2 : 0))
        // The offset of what was not stored is given out again.
        _ = self.publish(publisher, 2)
        self.answer()
        for client in [near, far] { #expect(self.world.take(client).map(\.offset) == [isStored ? 2 : 1]) }
    }

    @Test func withoutReceiversThereIsNothingToStore() throws {
        let publisher = try self.connect(1)
        #expect(self.publish(publisher, 1).count == 1 && self.server.batches.isEmpty)
        #expect(self.publish(publisher, 2, #""guaranteed":true,"retain":true"#) == [])
        self.answer()
        #expect(self.outcome(publisher) == "ok")
    }

    @Test(arguments: 0..<3, [true, false])
    func aKeyIsBusyUntilItsPublishIsCommitted(_ loop: Int, _ isStored: Bool) throws {
        let (publisher, second, receiver) = (try self.connect(loop), try self.connect((loop + 1) % 3), try self.connect(0))
        self.subscribe(receiver)
        let options = #""guaranteed":true,"key":"k""#
        #expect(self.publish(publisher, 1, options) == [])
        let early = self.publish(second, 1, options)
        #expect(early.count == 1 && early[0].contains(#""code":"busy""#))
        self.answer(isStored)
        let first = self.server.take(publisher.id, loop: publisher.loop)
        let again = self.publish(second, 1, options)
        if isStored {
            #expect(again.count == 1 && again[0].split(separator: "event").last == first[0].split(separator: "event").last)
        } else {
            #expect(first[0].contains(#""code":"failed""#) && again == [])
            self.answer()
            #expect(self.outcome(second) == "ok")
        }
        #expect(self.world.take(receiver).map(\.number) == [1] && self.world.arePlacesFree)
    }

    @Test func plainEventsAndCommandsWaitForNothing() throws {
        let (publisher, receiver) = (try self.connect(0), try self.connect(1))
        self.subscribe(receiver)
        #expect(self.publish(publisher, 1) == [])
        #expect(self.publish(publisher, 2, #""guaranteed":false"#).count == 1)
        #expect(self.world.take(receiver).map(\.number) == [2])
        self.answer()
        #expect(self.world.take(receiver).map(\.number) == [1])
    }

    @Test func whatASubscriptionAloneMakesGuaranteedKeepsOnlyItsReceiverWaiting() throws {
        let (publisher, receiver) = (try self.connect(0), try self.connect(1))
        self.subscribe(receiver, #"{"topic":"**","guaranteed":true}"#)
        #expect(self.publish(publisher, 1, #""priority":"high""#).count == 1)
        #expect(self.world.take(receiver) == [] && self.server.batches.map(\.loop) == [1])
        self.answer(false)
        #expect(self.world.take(receiver) == [] && self.world.isLawKept)
        // The store fails: what it did not take is told again, until it does.
        for _ in 0..<3 {
            self.world.advance(by: StoreLog.pause)
            self.answer(false)
        }
        self.world.advance(by: StoreLog.pause)
        self.answer()
        #expect(self.world.take(receiver).map(\.offset) == [1] && self.store.rowCount == 1 && self.world.isLawKept)
    }

    @Test func acksLeaveInTimeAndTogether() throws {
        let (publisher, receiver) = (try self.connect(0), try self.connect(0))
        self.subscribe(receiver)
        for number in 1...4 {
            _ = self.publish(publisher, number)
            self.answer()
        }
        let events = self.world.take(receiver)
        self.world.ack(receiver, id: events[2].id)
        self.world.ack(receiver, offset: 1)
        #expect(self.server.batches.isEmpty)
        self.world.advance(by: StoreLog.patience)
        #expect(self.server.batches.count == 1)
        let settlement = OutboxSettlement(
            session: self.server.batches[0].settlements[0].session, through: 1, others: [3], lastOffset: 4)
        #expect(self.server.batches[0].settlements == [settlement])
        self.answer()
        #expect(self.store.rowCount == 2)
        self.world.ack(receiver, offset: 4)
        self.world.advance(by: StoreLog.patience)
        self.answer()
        #expect(self.store.rowCount == 0)
    }

    @Test func sessionsAndSubscriptionsAreKeptAndGo() throws {
        let client = try self.connect(1)
        self.subscribe(client)
        self.subscribe(client, #"{"topic":"y"}"#)
        #expect(self.store.sessionCount == 1 && self.store.subscriptionCount == 2)
        self.server.send(TestServer.command("print", "unsubscribe", #"{"topic":"y"}"#), on: client.id, loop: 1)
        self.answer()
        #expect(self.store.subscriptionCount == 1)
        self.server.end(client.id, loop: 1, code: 1000)
        self.world.advance(by: StoreLog.patience)
        self.answer()
        #expect(self.store.sessionCount == 0 && self.store.subscriptionCount == 0)
    }

    @Test func aFreshSessionThatMakesWayIsNeverStored() throws {
        let first = try self.connect(0)
        self.world.lose(first)
        let second = try self.world.connect()
        self.server.send(SessionsTests.resume(first.session), on: second.id)
        self.answer()
        #expect(self.server.take(second.id).count == 1 && self.store.sessionCount == 1)
    }

    @Test(arguments: 0..<3)
    func aResumeIsAnsweredOnceItsTokenIsStored(_ loop: Int) throws {
        let (publisher, first) = (try self.connect(0), try self.connect(0))
        self.subscribe(first)
        _ = self.publish(publisher, 1)
        self.answer()
        #expect(self.outcome(publisher) == "ok")
        self.world.lose(first)
        let second = try self.connect(loop)
        self.server.send(SessionsTests.resume(first.session), on: second.id, loop: loop)
        #expect(self.server.take(second.id, loop: loop) == [] && self.server.batches.count == 1)
        // What is not guaranteed is not kept for a session that nobody has.
        #expect(self.publish(publisher, 2, #""guaranteed":false,"count":true"#)[0].contains(#""receivers":0"#))
        self.answer()
        let answer = self.server.take(second.id, loop: loop)
        #expect(answer.count == 2 && answer[0].contains(#""resumed":true"#) && answer[0].contains(#""pending":1"#))
        #expect(ReceivedEvent(answer[1])?.offset == 1 && self.world.arePlacesFree)
    }

    @Test(arguments: 0..<3, 0..<3)
    func aSessionIsTakenOverWhileItsTokenIsBeingStored(_ loop: Int, _ next: Int) throws {
        let (publisher, first) = (try self.connect(0), try self.connect(0))
        self.subscribe(first)
        _ = self.publish(publisher, 1)
        self.answer()
        self.world.lose(first)
        let (second, third) = (try self.connect(loop), try self.connect(next))
        self.server.send(SessionsTests.resume(first.session), on: second.id, loop: loop)
        self.server.send(SessionsTests.resume(first.session), on: third.id, loop: next)
        self.answer()
        #expect(self.server.closeCodes == [.sessionTakenOver])
        #expect(self.server.closed.first?.id == second.id && self.server.closed.first?.loop == loop)
        let answer = self.server.take(third.id, loop: next)
        #expect(answer.count == 2 && ReceivedEvent(answer[1])?.offset == 1)
        self.server.end(second.id, loop: loop)
        _ = self.publish(publisher, 2)
        self.answer()
        #expect(self.world.take(third).map(\.offset) == [2] && self.world.arePlacesFree)
    }

    @Test func withAStoreThatFailsEverythingElseGoesOnAndItHeals() throws {
        let (publisher, first) = (try self.connect(0), try self.connect(0))
        self.subscribe(first)
        _ = self.publish(publisher, 1)
        self.answer(false)
        #expect(self.outcome(publisher) == "failed")
        // Sessions are resumed, subscriptions made, plain events published, without a store.
        self.world.lose(first)
        let second = try self.world.connect(loop: 1)
        let answer = self.server.send(SessionsTests.resume(first.session), on: second.id, loop: 1)
        #expect(answer.count == 1 && answer[0].contains(#""resumed":true"#))
        #expect(self.server.send(TestServer.command("print", "subscribe", #"{"topic":"y"}"#), on: second.id, loop: 1).count == 1)
        #expect(self.publish(publisher, 2, #""count":true"#)[0].contains(#""receivers":1"#))
        for _ in 0..<4 {
            _ = self.publish(publisher, 3)
            self.world.advance(by: StoreLog.pause)
            self.answer(false)
            #expect(self.outcome(publisher) == "failed")
        }
        #expect(self.server.sum { $0.storeFailures[0] } > 4)
        self.world.advance(by: StoreLog.pause)
        self.answer()
        self.world.advance(by: StoreLog.patience)
        self.answer()
        #expect(self.store.sessionCount == 2 && self.store.subscriptionCount == 2)
        _ = self.publish(publisher, 4)
        self.answer()
        #expect(self.outcome(publisher) == "ok")
        #expect(self.world.take(second).map(\.number) == [2, 4] && self.world.isLawKept)
    }

    /// A publisher whose second event the store does not take; the first one was acknowledged.
    private func publisherOfAFullStore() throws -> TestClient {
        let (publisher, receiver) = (try self.connect(0), try self.connect(0))
        self.subscribe(receiver)
        _ = self.publish(publisher, 1)
        self.answer()
        _ = self.publish(publisher, 2)
        self.answer(false)
        self.world.ack(receiver, offset: 1)
        return publisher
    }

    @Test func whatMakesAFullStoreSmallerGoesByItself() throws {
        _ = try self.publisherOfAFullStore()
        _ = try self.world.connect()
        self.world.advance(by: StoreLog.pause)
        #expect(self.server.batches.map(\.onlyRemoves) == [true, false])
        self.server.answerStore(true, into: self.store)
        #expect(self.store.rowCount == 0)
    }

    @Test func publishesThatFailDoNotPutOffWhatMakesItSmaller() throws {
        let publisher = try self.publisherOfAFullStore()
        // Far more often than what changed is tried.
        for number in 3...12 {
            self.world.advance(by: .milliseconds(100))
            _ = self.publish(publisher, number)
            while let batch = self.server.batches.first {
                self.server.answerStore(batch.onlyRemoves && !batch.isEmpty, into: self.store)
            }
        }
        #expect(self.store.rowCount == 0)
    }

    /// An event for everybody may come before the store was told of a session.
    @Test(arguments: [0, 1]) func aSessionIsStoredBeforeItsEvents(_ loop: Int) throws {
        let publisher = try self.connect(0)
        let fresh = try self.world.connect(loop: loop)
        _ = self.publish(publisher, 1, #""guaranteed":true,"to":{"all":true}"#)
        let session = try #require(self.server.batches.firstIndex { !$0.sessions.isEmpty })
        let event = try #require(self.server.batches.firstIndex { !$0.events.isEmpty })
        #expect(session <= event)
        self.answer()
        #expect(self.store.sessionCount == 2 && self.store.rowCount == 2)
        #expect(self.world.take(fresh).map(\.offset) == [1])
    }

    @Test func whatTheStoreLeftOutForAnUnknownSessionIsToldAgain() throws {
        let (publisher, other) = (try self.connect(0), try self.connect(1))
        // The store fails the receiver's loop, and does not learn of its session.
        self.server.send(TestServer.command("print", "subscribe", #"{"topic":"y"}"#), on: other.id, loop: 1)
        self.answer(false)
        let receiver = try self.world.connect(loop: 1)
        try self.world.subscribe(receiver)
        _ = self.publish(publisher, 1)
        #expect(self.server.batches.map(\.loop) == [1, 0])
        self.server.answerStore(false, loop: 1)
        self.server.answerStore(true, loop: 0, into: self.store)
        #expect(self.outcome(publisher) == "ok" && self.store.rowCount == 0)
        #expect(self.world.take(receiver).map(\.offset) == [1])
        self.world.advance(by: StoreLog.pause)
        self.answer()
        #expect(self.store.sessionCount == 3 && self.store.rowCount == 1)
    }

    @Test func aCommitInTheMiddleThatFailsIsToldAsAGap() throws {
        let (one, two, receiver) = (try self.connect(1), try self.connect(2), try self.connect(0))
        self.subscribe(receiver)
        _ = self.publish(one, 1)
        _ = self.publish(two, 2)
        self.server.answerStore(true, loop: 2, into: self.store)
        #expect(self.outcome(two) == "ok" && self.world.take(receiver) == [], "offsets keep their order")
        self.server.answerStore(false, loop: 1)
        #expect(self.outcome(one) == "failed")
        let events = self.world.take(receiver)
        #expect(events.map(\.gap) == [1...1, nil] && events.map(\.offset) == [0, 2])
        #expect(self.world.isLawKept && self.world.count(.dead) == 0)
    }

    /// Of one at the end nothing may be left after a restart, and then its offset is given out again.
    @Test func aCommitAtTheEndThatFailsIsToldWithTheNextOne() throws {
        let (one, two, receiver) = (try self.connect(1), try self.connect(2), try self.connect(0))
        self.subscribe(receiver)
        _ = self.publish(one, 1)
        _ = self.publish(two, 2)
        self.server.answerStore(false, loop: 1)
        self.server.answerStore(false, loop: 2)
        #expect(self.outcome(one) == "failed" && self.outcome(two) == "failed")
        #expect(self.world.take(receiver) == [])
        _ = self.publish(one, 3)
        self.answer()
        let events = self.world.take(receiver)
        #expect(events.map(\.gap) == [1...1, nil] && events.map(\.offset) == [0, 2])
    }

    /// What died must not go without the gap that tells of it.
    @Test func aFullStoreIsToldOfGapsWithTheRowsThatGo() throws {
        let world = DeliveryWorld(Self.configuration(maxOutboxEvents: 2))
        let (publisher, receiver) = (try world.connect(), try world.connect())
        world.server.send(TestServer.command("print", "subscribe", #"{"topic":"**"}"#), on: receiver.id)
        world.server.answerStoreFully(into: self.store)
        for number in 1...3 {
            world.server.send(
                TestServer.command("print", "publish", #"{"action":"x","data":{"n":\#(number)},"guaranteed":true}"#),
                on: publisher.id)
            world.server.answerStoreFully(number < 3, into: self.store)
        }
        world.advance(by: StoreLog.pause)
        let removal = try #require(world.server.batches.first)
        #expect(removal.onlyRemoves && removal.settlements.map(\.through) == [1])
        #expect(removal.settlements.map(\.gaps) == [[1...1]])
        world.server.answerStore(true, into: self.store)
        let restored = self.store.restored(loopCount: 1)[0].sessions
        #expect(restored.map { $0.session.gaps } == [[], [1...1]] && restored.map { $0.rows.map(\.offset) } == [[], [2]])
    }

    @Test(arguments: [true, false])
    func anOutboxAtItsBoundGivesUpWhatIsNotCommitted(_ isStored: Bool) throws {
        let world = DeliveryWorld(Self.configuration(maxOutboxEvents: 2))
        let (publisher, receiver) = (try world.connect(), try world.connect())
        world.server.send(TestServer.command("print", "subscribe", #"{"topic":"**"}"#), on: receiver.id)
        world.server.answerStoreFully()
        _ = world.take(receiver)
        for number in 1...3 {
            world.server.send(
                TestServer.command("print", "publish", #"{"action":"x","data":{"n":\#(number)},"guaranteed":true}"#),
                on: publisher.id)
        }
        world.server.answerStore(isStored)
        world.server.answerStoreFully()
        let events = world.take(receiver)
        #expect(events.map(\.gap) == [1...1, nil, nil] && events.map(\.offset) == [0, 2, 3])
        #expect(world.count(.dead) == (isStored ? 1 : 0) && world.isLawKept)
    }

    @Test func aSessionThatEndsBeforeTheCommitLetsItsEventsExpire() throws {
        let (publisher, receiver) = (try self.connect(0), try self.connect(1))
        self.subscribe(receiver)
        _ = self.publish(publisher, 1)
        self.server.end(receiver.id, loop: 1, code: 1000)
        self.answer()
        #expect(self.outcome(publisher) == "ok" && self.world.count(.expired) == 1 && self.world.isLawKept)
        self.world.advance(by: StoreLog.patience)
        self.answer()
        #expect(self.store.rowCount == 0 && self.store.sessionCount == 1)
    }

    @Test func eventsOfTheServerItselfAreStoredToo() throws {
        let receiver = try self.connect(2)
        self.subscribe(receiver)
        let key = PublishKey(identity: "", channel: 1, key: [1])
        for number: UInt64 in 1...2 {
            #expect(self.server.places.reserve(of: .events, at: 0))
            self.server.shards[0].shard.deliver(
                .publish(
                    ServerPublish(
                        number: number, channel: 1, action: Array("x".utf8), data: Array(#"{"n":1}"#.utf8),
                        isGuaranteed: true, key: key, wantsCount: true)), at: self.server.now)
            self.server.turn()
        }
        #expect(self.server.published == [2: .refused(.busy)] && self.world.take(receiver) == [])
        self.answer()
        guard case .accepted(let id, receiverCount: 1) = self.server.published[1] else {
            Issue.record("\(self.server.published)")
            return
        }
        #expect(self.world.take(receiver).map(\.id) == [id.text] && self.world.arePlacesFree)
    }

    @Test func aDrainWaitsForPublishersThatWaitForTheStore() throws {
        let (publisher, receiver) = (try self.connect(0), try self.connect(1))
        self.subscribe(receiver)
        _ = self.publish(publisher, 1)
        #expect(self.server.places.reserve(of: .control, at: 0))
        self.server.shards[0].shard.deliver(.drain(spread: .zero), at: self.server.now)
        self.server.turn()
        #expect(self.server.closeCodes.isEmpty)
        self.answer()
        #expect(self.outcome(publisher) == "ok" && self.server.closeCodes == [.goingAway])
    }
}
