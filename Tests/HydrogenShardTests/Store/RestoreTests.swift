import HydrogenProtocol
import Testing

@testable import HydrogenShard

/// What loops find again after a restart.
@Suite struct RestoreTests {
    private let before = DeliveryWorld(StoreTests.configuration(), loopCount: 3)
    private let store = ModelStore()

    private func answer(_ world: DeliveryWorld) { world.server.answerStoreFully(into: self.store) }

    /// A receiver that has acknowledged 1 of 4 events, of which the last is retained and has a key.
    private func fill(loop: Int = 2, token: String = TestServer.token) throws -> TestClient {
        let (publisher, receiver) = (try self.before.connect(), try self.before.connect(loop: loop, token: token))
        self.before.server.send(
            TestServer.command("print", "subscribe", #"{"topic":"**"}"#), on: receiver.id, loop: receiver.loop)
        self.answer(self.before)
        for number in 1...4 {
            self.publish(number, by: publisher, self.before, number == 4 ? #","retain":true,"key":"k""# : "")
        }
        self.before.ack(receiver, offset: 1)
        self.before.advance(by: StoreLog.patience)
        self.answer(self.before)
        self.before.server.end(publisher.id, code: 1000)
        self.before.advance(by: StoreLog.patience)
        self.answer(self.before)
        return receiver
    }

    @discardableResult
    private func publish(_ number: Int, by client: TestClient, _ world: DeliveryWorld, _ options: String = "") -> String {
        world.server.send(
            TestServer.command(
                "print", "publish", #"{"action":"x","data":{"n":\#(number)},"guaranteed":true\#(options)}"#),
            on: client.id, loop: client.loop, taking: false)
        self.answer(world)
        let responses = world.server.take(client.id, loop: client.loop).filter { $0.contains(#""response""#) }
        return SessionData.string("event", in: responses.first ?? "")
    }

    private func restart(loopCount: Int, losing lost: Set<EventID> = [], window: Int = 64) -> DeliveryWorld {
        self.restart(
            self.store.restored(loopCount: loopCount, losing: lost), StoreTests.configuration(window: window))
    }

    private func restart(_ states: [RestoredState], _ configuration: ShardConfiguration) -> DeliveryWorld {
        DeliveryWorld(
            configuration, loopCount: states.count, restored: states, seed: 2,
            now: Moment(instant: Instant(nanoseconds: 5), wall: self.before.server.now.wall))
    }

    /// A new connection that goes on with a session.
    private func resume(_ client: TestClient, offset: Int, _ world: DeliveryWorld, loop: Int) throws -> (TestClient, [String]) {
        let next = try world.connect(loop: loop)
        world.server.send(SessionsTests.resume(client.session, offset: offset), on: next.id, loop: loop, taking: false)
        self.answer(world)
        return (next, world.server.take(next.id, loop: loop))
    }

    @Test(arguments: [1, 2, 3, 5]) func everythingGoesOn(loopCount: Int) throws {
        let receiver = try self.fill()
        let world = self.restart(loopCount: loopCount)
        #expect(world.server.sum { $0.sessions[ShardMetrics.SessionState.detached.rawValue] } == 1)
        #expect(world.server.sum { $0.outboxEvents[0] } == 3 && world.isLawKept)
        let (next, answer) = try self.resume(receiver, offset: 1, world, loop: loopCount - 1)
        #expect(answer.first?.contains(#""pending":3"#) == true)
        let events = answer.compactMap(ReceivedEvent.init)
        #expect(events.map(\.offset) == [2, 3, 4] && events.map(\.number) == [2, 3, 4])
        #expect(events.map(\.attempt) == [2, 2, 2], "they may have been sent before")
        // The key is known, offsets go on, and the subscription is there.
        let publisher = try world.connect()
        #expect(self.publish(4, by: publisher, world, #","key":"k""#) == events[2].id)
        self.publish(5, by: publisher, world)
        let live = world.take(next)
        #expect(live.map(\.offset) == [5] && live.map(\.number) == [5] && live.map(\.attempt) == [1])
        // So is what was retained, and what is retained now comes after it.
        world.server.send(
            TestServer.command("print", "subscribe", #"{"topic":"x"}"#), on: publisher.id, taking: false)
        self.answer(world)
        let retained = world.take(publisher)
        #expect(retained.map(\.number) == [4] && retained.map(\.isRetained) == [true])
        #expect(world.isLawKept && world.arePlacesFree)
    }

    @Test func aSessionWaitsForItsClientFromTheRestartOn() throws {
        let receiver = try self.fill()
        let (world, late) = (self.restart(loopCount: 2), self.restart(loopCount: 2))
        world.advance(by: world.server.shards[0].shard.configuration.sessions.resumeWindow, short: true)
        #expect(try self.resume(receiver, offset: 4, world, loop: 0).1.first?.contains(#""pending":0"#) == true)
        late.advance(by: late.server.shards[0].shard.configuration.sessions.resumeWindow)
        #expect(try self.resume(receiver, offset: 4, late, loop: 0).1.first?.contains(#""code":"session""#) == true)
        late.advance(by: StoreLog.patience)
        self.answer(late)
        #expect(late.count(.expired) == 3 && late.isLawKept)
    }

    /// It was sent before the restart, and its client has handled it.
    @Test func anEventThatWaitsIsAcknowledgedByItsID() throws {
        let receiver = try self.fill()
        let world = self.restart(loopCount: 1, window: 1)
        let last = self.store.restored(loopCount: 1)[0].sessions[0].rows[2].event.id
        let (next, answer) = try self.resume(receiver, offset: 1, world, loop: 0)
        #expect(answer.compactMap(ReceivedEvent.init).map(\.offset) == [2], "the others wait for the window")
        world.ack(next, id: last.text)
        #expect(world.count(.acked) == 1)
        #expect(world.ack(next, offset: 2).map(\.offset) == [3])
        #expect(world.ack(next, offset: 3) == [])
        #expect(world.count(.acked) == 3 && world.isLawKept)
    }

    @Test func whatIsLostIsToldAsAGap() throws {
        let receiver = try self.fill()
        let states = self.store.restored(loopCount: 1)
        let world = self.restart(loopCount: 1, losing: [states[0].sessions[0].rows[1].event.id])
        let events = try self.resume(receiver, offset: 0, world, loop: 0).1.compactMap(ReceivedEvent.init)
        #expect(events.map(\.offset) == [2, 0, 4] && events.map(\.gap) == [nil, 3...3, nil])
        #expect(world.count(.dead) == 1 && world.isLawKept)
    }

    /// They must be told after the next restart too, whatever is settled until then.
    @Test func gapsThatARestartFindsAreStored() throws {
        let receiver = try self.fill()
        var states = self.store.restored(loopCount: 1)
        states[0].sessions[0].session.gaps = [2...2]
        states[0].sessions[0].rows.removeFirst()
        let world = self.restart(states, StoreTests.configuration())
        world.server.turn()
        world.advance(by: StoreLog.patience)
        #expect(world.server.batches.flatMap(\.sessions).map(\.gaps) == [[2...2]])
        self.answer(world)
        _ = try self.resume(receiver, offset: 4, world, loop: 0)
        #expect(self.store.restored(loopCount: 1)[0].sessions[0].session.gaps == [])
    }

    /// Or else the next restart takes them for offsets that were never committed, and tells of them again.
    @Test func anAckOfGapsAloneIsStored() throws {
        let receiver = try self.fill()
        var states = self.store.restored(loopCount: 1)
        states[0].sessions[0].session.gaps = [2...4]
        states[0].sessions[0].session.lastOffset = 4
        states[0].sessions[0].rows = []
        let world = self.restart(states, StoreTests.configuration())
        world.server.turn()
        world.advance(by: StoreLog.patience)
        self.answer(world)
        let next = try world.connect(loop: 0)
        world.server.send(SessionsTests.resume(receiver.session, offset: 4), on: next.id, loop: 0, taking: false)
        #expect(world.server.batches.flatMap(\.settlements).map(\.through) == [4])
    }

    /// The server may have ended between the commit of an event and that of what gave way to it.
    @Test func anOutboxBeyondItsBoundGivesUpTheOldest() throws {
        let receiver = try self.fill()
        let world = self.restart(self.store.restored(loopCount: 1), StoreTests.configuration(maxOutboxEvents: 2))
        #expect(world.server.sum { $0.outboxEvents[0] } == 2 && world.count(.dead) == 1 && world.isLawKept)
        let events = try self.resume(receiver, offset: 1, world, loop: 0).1.compactMap(ReceivedEvent.init)
        #expect(events.map(\.gap) == [2...2, nil, nil] && events.map(\.offset) == [0, 3, 4])
    }

    /// Nobody could resume it.
    @Test func aSessionWhoseIdentityHasNoKeyEnds() throws {
        _ = try self.fill(token: "hk_bob")
        let server = TestServer(
            StoreTests.configuration(), restored: self.store.restored(loopCount: 1), seed: 2, now: self.before.server.now)
        server.turn()
        server.advance(by: StoreLog.patience)
        #expect(server.batches.map(\.endedSessions.count) == [1])
        server.answerStoreFully(into: self.store)
        #expect(self.store.sessionCount == 0 && server.sum { $0.outboxEvents[0] } == 0)
        #expect(server.sum { $0.deliveries[ShardMetrics.DeliveryOutcome.expired.rawValue] } == 3)
    }

    @Test(arguments: [
        (rows: [6], settledThrough: 4, settled: [], holes: [5...5]),
        (rows: [5, 6], settledThrough: 4, settled: [], holes: []),
        (rows: [5, 9], settledThrough: 4, settled: [7], holes: [6...6, 8...8]),
        (rows: [9], settledThrough: 4, settled: [5, 6], holes: [7...8]),
        (rows: [], settledThrough: 10, settled: [], holes: []),
        // What is known to be a gap stays one.
        (rows: [5], settledThrough: 0, settled: [], holes: [1...4]),
    ] as [(rows: [Int64], settledThrough: Int64, settled: [Int64], holes: [ClosedRange<Int64>])])
    func whatWasNeverCommittedIsFound(
        _ given: (rows: [Int64], settledThrough: Int64, settled: [Int64], holes: [ClosedRange<Int64>])
    ) throws {
        _ = try self.fill()
        var session = self.store.restored(loopCount: 1)[0].sessions[0]
        let row = session.rows[0]
        session.session.lastOffset = 0
        session.rows = given.rows.map { .init(offset: $0, event: row.event, priority: .normal, isRetained: false) }
        session.findHoles(settledThrough: given.settledThrough, settled: given.settled)
        #expect(session.session.gaps == given.holes)
        // Looked for again, they are known.
        session.findHoles(settledThrough: given.settledThrough, settled: given.settled)
        #expect(session.session.gaps == given.holes)
    }

    @Test func aStateComesInPieces() throws {
        _ = try self.fill()
        var state = self.store.restored(loopCount: 1)[0]
        #expect(state.pieces.count == 1 && RestoredState().pieces.isEmpty)
        state.sessions = Array(repeating: state.sessions[0], count: 3000)
        let pieces = state.pieces
        #expect(pieces.count > 2 && pieces.reduce(0) { $0 + $1.sessions.count } == 3000)
        #expect(pieces.reduce(0) { $0 + $1.retained.count } == 1 && pieces.reduce(0) { $0 + $1.publishKeys.count } == 1)
    }
}
