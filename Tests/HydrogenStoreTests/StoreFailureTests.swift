import Foundation
import HydrogenProtocol
import HydrogenShard
import HydrogenStore
import Testing

@Suite struct StoreFailureTests {
    let folder: TemporaryFolder

    init() throws { self.folder = try TemporaryFolder() }

    @Test func aSecondServerIsRefused() throws {
        let first = try TestStore(self.folder.store)
        #expect(throws: StoreError.inUse(path: self.folder.store)) { try TestStore(self.folder.store) }
        #expect(throws: StoreError.inUse(path: self.folder.store)) { try StoreCheck(self.folder.store) }
        first.stop()
        try TestStore(self.folder.store).stop()
    }

    /// At `MaxStoreBytes` what only removes still gets through, and then the store heals.
    @Test func aFullStoreRefusesAndHeals() throws {
        let store = try TestStore(self.folder.store, maxBytes: 1 << 20)
        #expect(store.commit { $0.sessions = [Make.session(1)] })
        var count: UInt64 = 0
        func add() -> Bool {
            count += 1
            let event = Make.event(count, size: 60_000)
            return store.commit { $0.events = [event]; $0.rows = [Make.row(1, Int64(count), event)] }
        }
        while add() { #expect(count < 30) }
        #expect(count > 10)
        #expect(store.store.isFailing)
        #expect(store.commit { $0.settlements = [Make.settle(1, through: 5, last: Int64(count))] })
        #expect(add())
        #expect(!store.store.isFailing)
        let offsets = Array(6...Int64(count)).filter { $0 != Int64(count) - 1 }
        store.stop()
        let again = try TestStore(self.folder.store)
        // The one that was refused is not there, and nothing of it.
        #expect(again.contents.sessions.first?.rows.map(\.offset) == offsets)
        #expect(again.contents.eventCount == offsets.count)
        again.stop()
    }

    /// It gets through a full disk as well.
    @Test func whatOnlyRemovesIsNoProofThatAStoreWorks() throws {
        let store = try TestStore(self.folder.store, maxBytes: 1 << 20)
        #expect(store.commit { $0.sessions = [Make.session(1)] })
        let large = Make.event(1, size: 930_000)
        #expect(store.commit { $0.events = [large]; $0.rows = [Make.row(1, 1, large)] })
        let more = Make.event(2, size: 200_000)
        #expect(!store.commit { $0.events = [more]; $0.rows = [Make.row(1, 2, more)] })
        #expect(store.store.isFailing)
        // There is as little room as before, so no probe succeeds.
        for _ in 0..<3 { #expect(store.commit { $0.endedSessions = [SessionKey(bits: 7)] }) }
        #expect(store.store.isFailing)
        store.stop()
    }

    /// In one group, a batch that does not fit takes nothing from those that do.
    @Test func eachOfAGroupHasItsOwnFate() throws {
        let store = try TestStore(self.folder.store, maxBytes: 1 << 20)
        #expect(store.commit { $0.sessions = [Make.session(1)] })
        let large = Make.event(1, size: 2_000_000)
        let small = Make.event(2)
        var first = StoreBatch(loop: 0, ticket: 100)
        first.events = [large]
        first.rows = [Make.row(1, 1, large)]
        var second = StoreBatch(loop: 1, ticket: 101)
        second.events = [small]
        second.rows = [Make.row(1, 2, small)]
        store.store.enqueue(first)
        store.store.enqueue(second)
        store.waitForAnswers(3)
        store.stop()
        let again = try TestStore(self.folder.store)
        #expect(again.contents.sessions.first?.rows.map(\.offset) == [2])
        again.stop()
    }

    @Test func aDamagedFileIsRefusedAndLeftAsItIs() throws {
        let store = try TestStore(self.folder.store)
        store.commit { batch in
            batch.sessions = [Make.session(1)]
            batch.events = (1...200).map { Make.event($0, size: 3_000) }
            batch.rows = batch.events.map { Make.row(1, Int64($0.id.number), $0) }
        }
        store.stop()
        var bytes = try Data(contentsOf: URL(fileURLWithPath: self.folder.store))
        for index in 200_000..<240_000 { bytes[index] = 0xa5 }
        try bytes.write(to: URL(fileURLWithPath: self.folder.store))
        #expect { try TestStore(self.folder.store) } throws: { error in
            guard case StoreError.damaged(let path, _) = error else { return false }
            return path == self.folder.store
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: self.folder.store)) == bytes)

        let compaction = try StoreCompaction.compact(self.folder.store)
        let damagedPath = try #require(compaction.damagedPath)
        #expect(try Data(contentsOf: URL(fileURLWithPath: damagedPath)) == bytes)
        let saved = try TestStore(self.folder.store)
        let restored = try #require(saved.contents.sessions.first)
        #expect(restored.rows.count > 100)
        // What was lost is told as gaps.
        #expect(restored.rows.count + restored.lost.count == 200)
        saved.stop()
        #expect(try StoreCheck(self.folder.store).faults.allSatisfy { $0.hasSuffix("whose event is missing") })
    }

    @Test func otherFilesAreLeftAlone() throws {
        try Data("no database at all, but long enough to be one: \(String(repeating: "x", count: 200))".utf8)
            .write(to: URL(fileURLWithPath: self.folder.store))
        #expect { try TestStore(self.folder.store) } throws: { error in
            if case StoreError.damaged = error { true } else { false }
        }
        #expect { try TestStore(self.folder.path) } throws: { error in
            if case StoreError.cannotOpen = error { true } else { false }
        }
        #expect { try StoreCheck(self.folder.path + "/absent") } throws: { error in
            if case StoreError.cannotOpen = error { true } else { false }
        }
    }

    @Test func compactMakesItSmallerAndKeepsEverything() throws {
        let store = try TestStore(self.folder.store)
        store.commit { batch in
            batch.sessions = [Make.session(1)]
            batch.events = (1...200).map { Make.event($0, size: 5_000) }
            batch.rows = batch.events.map { Make.row(1, Int64($0.id.number), $0) }
        }
        store.commit { $0.settlements = [Make.settle(1, through: 190, last: 200)] }
        store.stop()
        #expect(try StoreCheck(self.folder.store).faults == [])
        #expect(try StoreCheck(self.folder.store).outboxRowCount == 10)
        let compaction = try StoreCompaction.compact(self.folder.store)
        #expect(compaction.bytesAfter < compaction.bytesBefore / 2 && compaction.damagedPath == nil)
        let again = try TestStore(self.folder.store)
        #expect(again.contents.sessions.first?.rows.count == 10)
        again.stop()
    }
}
