import Foundation
import HydrogenProtocol
import HydrogenShard
import HydrogenStore
import Testing

/// Files that earlier versions wrote must open, with everything in them. `Fixtures/version-N.sqlite` was written by
/// `MigrationTests.write` when N was the current schema; a new version adds its own, and keeps the old ones.
@Suite struct MigrationTests {
    static let versions = [1, 2]

    static let events = [Make.event(1, size: 100), Make.event(2, action: "job.failed", size: 6_000, audience: .all)]

    static let subscription = StoredSubscription(
        name: .init(session: SessionKey(bits: 1), number: 1), channel: 1, topic: Array("job.**".utf8), filter: [],
        isGuaranteed: true, priority: nil, conflateInterval: nil, conflateBy: nil)

    static func fixture(_ version: Int) -> URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Fixtures/version-\(version).sqlite")
    }

    static func write(_ path: String) throws {
        let store = try TestStore(path)
        store.commit { batch in
            batch.sessions = [Make.session(1, home: 0, lastOffset: 12), Make.session(2, home: 1)]
            batch.subscriptions = [Self.subscription]
            batch.events = Self.events
            batch.rows = [Make.row(1, 11, Self.events[0]), Make.row(1, 12, Self.events[1]), Make.row(2, 1, Self.events[0])]
            batch.retained = [Self.events[1].id]
            batch.publishKeys = [
                StoredPublishKey(
                    key: PublishKey(identity: "p", channel: 1, key: Array("k".utf8)), event: Self.events[0].id,
                    until: WallTime(milliseconds: 4_000_000_000_000))
            ]
            batch.settlements = [Make.settle(1, through: 10, last: 12)]
        }
        store.stop()
    }

    @Test(arguments: versions) func aStoreOfThatVersionOpens(version: Int) throws {
        let folder = try TemporaryFolder()
        try FileManager.default.copyItem(at: Self.fixture(version), to: URL(fileURLWithPath: folder.store))
        let store = try TestStore(folder.store)
        var second = Make.session(2, home: 1, lastOffset: 1)
        // Between its gaps nothing is known.
        second.gaps = [2...9]
        #expect(store.contents.sessions.map(\.session) == [Make.session(1, lastOffset: 12), second])
        #expect(store.contents.sessions.map { $0.rows.map(\.offset) } == [[11, 12], [1]])
        #expect(store.contents.sessions[0].subscriptions == [Self.subscription])
        #expect(store.contents.sessions[0].rows.map(\.event.body) == Self.events.map(\.body))
        #expect(store.contents.loops[0].retained.map(\.id) == [Self.events[1].id])
        #expect(store.contents.keys.map(\.event) == [Self.events[0].id])
        #expect(store.commit { $0.settlements = [Make.settle(1, through: 12, last: 12)] })
        store.stop()
        #expect(try StoreCheck(folder.store).faults == [])
    }

    /// What was missing then was settled, as far as anybody knows.
    @Test func whatVersion1DoesNotTellIsNoGap() throws {
        let folder = try TemporaryFolder()
        try FileManager.default.copyItem(at: Self.fixture(1), to: URL(fileURLWithPath: folder.store))
        var store = try TestStore(folder.store)
        #expect(store.commit { $0.rows = [Make.row(1, 14, Self.events[0])] })
        store.stop()
        store = try TestStore(folder.store)
        #expect(store.contents.sessions[0].session.gaps == Make.session(1).gaps + [13...13])
        store.stop()
    }

    @Test func aLaterVersionIsRefused() throws {
        let folder = try TemporaryFolder()
        var bytes = try Data(contentsOf: Self.fixture(1))
        // `user_version` stands at byte 60 of an SQLite file, most significant octet first.
        bytes.replaceSubrange(60..<64, with: [0, 0, 0, 99])
        try bytes.write(to: URL(fileURLWithPath: folder.store))
        #expect(throws: StoreError.tooNew(path: folder.store, version: 99)) { try TestStore(folder.store) }
    }
}
