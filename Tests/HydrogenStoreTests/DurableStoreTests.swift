import Foundation
import HydrogenProtocol
import HydrogenShard
import HydrogenStore
import HydrogenThreads
import Testing

@Suite struct DurableStoreTests {
    let folder: TemporaryFolder

    init() throws { self.folder = try TemporaryFolder() }

    /// Writes with one store, and reads with another one after it.
    private func after(
        loopCount: Int = 2, channels: [String] = ["system", "print"], maxRetained: Int = 100,
        _ batches: [(inout StoreBatch) -> Void]
    ) throws -> StoreContents {
        let first = try TestStore(self.folder.store, maxRetained: maxRetained)
        for batch in batches { #expect(first.commit(batch)) }
        first.stop()
        let second = try TestStore(self.folder.store, loopCount: loopCount, channels: channels, maxRetained: maxRetained)
        second.stop()
        return second.contents
    }

    @Test func aNewStoreIsEmptyAndItsOwnersAlone() throws {
        let store = try TestStore(self.folder.store)
        #expect(store.contents.sessions.isEmpty && store.contents.loops.count == 2)
        let mode = try FileManager.default.attributesOfItem(atPath: self.folder.store)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        store.stop()
    }

    @Test func everythingComesBack() throws {
        let event = Make.event(1, audience: .identityAndSession(identity: "a", session: "b"))
        let subscription = StoredSubscription(
            name: .init(session: SessionKey(bits: 7), number: 3), channel: 1, topic: Array("job.*".utf8),
            filter: Array(#"{"id":7}"#.utf8), isGuaranteed: true, priority: .critical,
            conflateInterval: .milliseconds(250), conflateBy: "id")
        let key = StoredPublishKey(
            key: PublishKey(identity: "p", channel: 1, key: Array("k1".utf8)), event: event.id,
            until: WallTime(milliseconds: Clock.wallTime().milliseconds + 60_000))
        let contents = try self.after([{
            $0.sessions = [Make.session(7, home: 1)]
            $0.subscriptions = [subscription]
            $0.events = [event]
            $0.rows = [Make.row(7, 12, event)]
            $0.settlements = [Make.settle(7, through: 11, last: 12)]
            $0.retained = [event.id]
            $0.publishKeys = [key]
        }])
        #expect(contents.loops[0].sessions.isEmpty)
        let restored = try #require(contents.loops[1].sessions.first)
        var session = Make.session(7, home: 1)
        session.lastOffset = 12
        #expect(restored.session == session)
        #expect(restored.subscriptions == [subscription])
        #expect(restored.lost.isEmpty)
        let row = try #require(restored.rows.first)
        #expect(row.offset == 12 && row.priority == .low && !row.isRetained)
        for found in [row.event, try #require(contents.loops[0].retained.first)] {
            #expect(found.id == event.id && found.body == event.body && found.data == event.data)
            #expect(found.action == event.action && found.channel == 1 && found.priority == .high)
            #expect(found.isRetained && found.isGuaranteed && found.audience == event.audience)
            #expect(found.sequence == event.sequence)
        }
        #expect(contents.lastSequence == 1 && contents.eventCount == 1 && contents.sessionCount == 1)
        #expect(contents.keys == [key])
        #expect(contents.loops[key.key.home(loopCount: 2)].publishKeys == [key])
    }

    @Test func whatIsCommittedTwiceIsThereOnce() throws {
        let event = Make.event(1)
        let batch: (inout StoreBatch) -> Void = {
            $0.sessions = [Make.session(1)]
            $0.events = [event]
            $0.rows = [Make.row(1, 1, event)]
        }
        let contents = try self.after([batch, batch, { $0.settlements = [Make.settle(1, through: 1, last: 1)] }])
        #expect(contents.sessions.first?.rows.isEmpty == true)
        // Its one reference went with its row, though the row came twice.
        #expect(contents.eventCount == 0)
    }

    @Test func settledRowsGoAndTheirEventsWithTheLastOne() throws {
        let events = (1...4).map { Make.event($0) }
        let contents = try self.after([
            {
                $0.sessions = [Make.session(1), Make.session(2)]
                $0.events = events
                $0.rows = events.map { Make.row(1, Int64($0.id.number), $0) } + [Make.row(2, 1, events[0])]
            },
            { $0.settlements = [Make.settle(1, through: 2, [4], last: 4)] },
        ])
        #expect(contents.sessions.map { $0.rows.map(\.offset) } == [[3], [1]])
        #expect(contents.eventCount == 2)
        #expect(contents.sessions.first?.session.lastOffset == 4)
    }

    /// Offsets 2 and 5 were given out, and their publishers' commits did not come before the end.
    @Test func whatWasNeverCommittedIsAGap() throws {
        let events = [1, 3, 4, 6, 7].map { Make.event($0) }
        var session = Make.session(1)
        session.gaps = []
        let rows = events.map { Make.row(1, Int64($0.id.number), $0) }
        let contents = try self.after([
            { $0.sessions = [session]; $0.events = events; $0.rows = rows },
            { $0.settlements = [Make.settle(1, through: 1, [4, 7], last: 7)] },
            // What comes again changes nothing.
            { $0.events = [events[2]]; $0.rows = [rows[2]] },
        ])
        #expect(contents.sessions[0].rows.map(\.offset) == [3, 6])
        #expect(contents.sessions[0].session.gaps == [2...2, 5...5])
        #expect(contents.eventCount == 2 && contents.sessions[0].session.lastOffset == 7)
        let next = try TestStore(self.folder.store)
        #expect(next.commit { $0.settlements = [Make.settle(1, through: 7, last: 7)] })
        next.stop()
        let last = try TestStore(self.folder.store)
        #expect(last.contents.sessions[0].rows.isEmpty && last.contents.sessions[0].session.gaps.isEmpty)
        last.stop()
        #expect(try StoreCheck(self.folder.store).outboxRowCount == 0)
    }

    @Test func anEventThatWentComesBackWithANewReference() throws {
        let event = Make.event(1)
        let contents = try self.after([
            { $0.sessions = [Make.session(1), Make.session(2)] },
            { $0.events = [event]; $0.rows = [Make.row(1, 1, event)] },
            { $0.settlements = [Make.settle(1, through: 1, last: 1)] },
            { $0.events = [event]; $0.rows = [Make.row(2, 1, event)] },
        ])
        #expect(contents.sessions.map { $0.rows.count } == [0, 1])
    }

    @Test func rowsOfNobodyAreLeftOut() throws {
        let event = Make.event(1)
        let contents = try self.after([{ $0.events = [event]; $0.rows = [Make.row(1, 1, event)] }])
        #expect(contents.sessions.isEmpty && contents.eventCount == 0)
    }

    @Test func anEndedSessionLeavesNothing() throws {
        let event = Make.event(1)
        let contents = try self.after([
            { $0.sessions = [Make.session(1)]; $0.events = [event]; $0.rows = [Make.row(1, 1, event)] },
            { $0.endedSessions = [SessionKey(bits: 1)] },
            { $0.rows = [Make.row(1, 2, event)] },
        ])
        #expect(contents.sessions.isEmpty && contents.eventCount == 0)
    }

    @Test func sessionsComeBackInTheOrderInWhichTheyBegan() throws {
        let contents = try self.after([
            { $0.sessions = [Make.session(9), Make.session(UInt64.max)] }, { $0.sessions = [Make.session(3)] },
            { $0.sessions = [Make.session(9)] },
        ])
        #expect(contents.sessions.map(\.session.key.bits) == [9, .max, 3])
    }

    @Test func theRetainedEventOfAnActionIsTheLatest() throws {
        let (older, newer, other) = (Make.event(1, sequence: 5), Make.event(2, sequence: 8), Make.event(3, action: "x"))
        let contents = try self.after([
            { $0.events = [newer]; $0.retained = [newer.id] },
            { $0.events = [older, other]; $0.retained = [older.id, other.id] },
        ])
        #expect(contents.loops.map { $0.retained.map(\.id.number) } == [[3, 2], [3, 2]])
        #expect(contents.eventCount == 2)
        #expect(contents.lastSequence == 8)
    }

    @Test(arguments: [0, 1, 2, 3, 4]) func asManyRetainedAsAllowed(maximum: Int) throws {
        let events = (1...3).map { Make.event($0, action: "a\($0)") }
        let contents = try self.after(maxRetained: maximum, [{ $0.events = events; $0.retained = events.map(\.id) }])
        #expect(contents.loops[0].retained.map(\.id.number) == Array([1, 2, 3].suffix(maximum)))
        #expect(contents.eventCount == min(maximum, 3))
    }

    @Test func whatBelongsToAChannelThatIsNoMoreIsLeftOut() throws {
        let (gone, kept) = (Make.event(1, channel: 1), Make.event(2, channel: 0))
        let contents = try self.after(channels: ["system"], [{
            $0.sessions = [Make.session(1)]
            $0.events = [gone, kept]
            $0.rows = [Make.row(1, 1, gone), Make.row(1, 2, kept)]
            $0.retained = [gone.id]
        }])
        #expect(contents.sessions.first?.lost == [1])
        #expect(contents.sessions.first?.rows.map(\.offset) == [2])
        #expect(contents.loops[0].retained.isEmpty)
        #expect(contents.lostRowCount == 1)
    }

    @Test func keysThatEndedDoNotComeBack() throws {
        func key(_ name: String, _ milliseconds: Int64) -> StoredPublishKey {
            StoredPublishKey(
                key: PublishKey(identity: "a", channel: 0, key: Array(name.utf8)), event: Make.event(1).id,
                until: WallTime(milliseconds: Clock.wallTime().milliseconds + milliseconds))
        }
        let contents = try self.after([{ $0.publishKeys = [key("old", -1), key("later", 90_000), key("soon", 60_000)] }])
        #expect(contents.keys.map { String(decoding: $0.key.key, as: UTF8.self) }.sorted() == ["later", "soon"])
    }

    @Test(arguments: [0, 2, 3, 4]) func asManyKeysAsAllowed(maximum: Int) throws {
        _ = try self.after([
            { batch in
                batch.publishKeys = (1...3).map { number in
                    StoredPublishKey(
                        key: PublishKey(identity: "p", channel: 1, key: [UInt8(ascii: "0") + number]),
                        event: EventID(origin: 1, loop: 0, number: UInt64(number)),
                        until: WallTime(milliseconds: Clock.wallTime().milliseconds + 60_000 + Int64(number)))
                }
            }
        ])
        // Those that end first go when the store is cleaned, which it is at its start.
        try TestStore(self.folder.store, maxPublishKeys: maximum).stop()
        let store = try TestStore(self.folder.store)
        #expect(store.contents.keys.map(\.event.number).sorted() == Array([1, 2, 3].suffix(maximum)))
        store.stop()
    }

    @Test func anotherNumberOfLoopsGetsThemAll() throws {
        let contents = try self.after(loopCount: 3, [{ $0.sessions = (0..<6).map { Make.session(UInt64($0 + 1), home: Int($0)) } }])
        #expect(contents.loops.map(\.sessions.count) == [2, 2, 2])
    }

    @Test func answersKeepTheOrderOfTheirLoop() throws {
        let store = try TestStore(self.folder.store)
        for ticket in 1...200 as ClosedRange<UInt64> {
            var batch = StoreBatch(loop: 0, ticket: ticket)
            batch.sessions = [Make.session(ticket)]
            store.store.enqueue(batch)
        }
        store.waitForAnswers(200)
        #expect(store.answeredTickets == Array(1...200))
        store.stop()
    }

    @Test func whatWasHandedInIsCommittedBeforeTheEnd() throws {
        let store = try TestStore(self.folder.store)
        for ticket in 1...50 as ClosedRange<UInt64> {
            var batch = StoreBatch(loop: 0, ticket: ticket)
            batch.sessions = [Make.session(ticket)]
            store.store.enqueue(batch)
        }
        store.stop()
        #expect(store.answeredTickets.count == 50)
        let again = try TestStore(self.folder.store)
        #expect(again.contents.sessionCount == 50)
        again.stop()
    }
}
