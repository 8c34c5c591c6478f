import Foundation
import GRDB
import HydrogenProtocol
import HydrogenShard

/// Reads a whole store at the start of a server.
struct StoreReader {
    let path: String
    let loopCount: Int
    /// The names of the channels that there are now, by their index. What belongs to another is left out.
    let channels: [String]
    let now: Moment

    private var events: [Int64: PublishedEvent] = [:]
    private var channelIndices: [String: Int]

    init(path: String, loopCount: Int, channels: [String], now: Moment) {
        self.path = path
        self.loopCount = loopCount
        self.channels = channels
        self.now = now
        self.channelIndices = Dictionary(
            channels.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { first, _ in first })
    }

    /// - Returns: what is there, and the index for the writer.
    mutating func read(_ database: Database) throws -> (StoreContents, StoreIndex) {
        var index = StoreIndex()
        var contents = StoreContents(
            loops: Array(repeating: RestoredState(), count: self.loopCount), lastSequence: 0, sessionCount: 0,
            eventCount: 0, lostRowCount: 0)
        contents.lastSequence = try self.readEvents(database, &index)
        contents.eventCount = self.events.count
        try self.readSessions(database, &contents, &index)
        let retained = try self.readRetained(database, &index)
        for loop in contents.loops.indices { contents.loops[loop].retained = retained }
        try self.readKeys(database, &contents)
        return (contents, index)
    }

    private func damaged(_ reason: String) -> StoreError { .damaged(path: self.path, reason: reason) }

    private mutating func readEvents(_ database: Database, _ index: inout StoreIndex) throws -> UInt64 {
        var lastSequence: UInt64 = 0
        let rows = try Row.fetchCursor(database, sql: "SELECT * FROM event ORDER BY row")
        while let row = try rows.next() {
            let id = EventID(row)
            guard let event = StoredEvent(row) else { throw self.damaged("event \(id.text) cannot be read") }
            index.load(id, row: event.row)
            guard let channel = self.channelIndices[event.channel] else { continue }
            lastSequence = max(lastSequence, event.sequence)
            self.events[event.row] = event.restored(channel: channel, at: self.now.instant)
        }
        return lastSequence
    }

    private func readSessions(_ database: Database, _ contents: inout StoreContents, _ index: inout StoreIndex) throws {
        let rows = try Row.fetchCursor(database, sql: "SELECT * FROM session ORDER BY row")
        while let row = try rows.next() {
            guard let session = StoredSession(row),
                let home = SessionID.home(of: session.id.utf8.span, loopCount: self.loopCount)
            else { throw self.damaged("a session cannot be read") }
            index.load(session.key)
            var restored = RestoredSession(session: session)
            restored.subscriptions = try self.readSubscriptions(of: session.key, database)
            try self.readOutbox(of: session.key, settledThrough: row["settled"], database, &restored, &index)
            contents.lostRowCount += restored.lost.count
            contents.sessionCount += 1
            contents.loops[home].sessions.append(restored)
        }
    }

    private func readSubscriptions(of session: SessionKey, _ database: Database) throws -> [StoredSubscription] {
        let rows = try Row.fetchAll(
            database.cachedStatement(
                sql: """
                    SELECT number, channel, topic, filter, guaranteed, priority, conflate_ns, conflate_by
                    FROM subscription WHERE session = ? ORDER BY number
                    """), arguments: [StoredColumns.integer(session.bits)])
        return rows.compactMap { row in
            guard let channel = self.channelIndices[row[1]] else { return nil }
            let (topic, filter): (String, String) = (row[2], row[3])
            return StoredSubscription(
                name: .init(session: session, number: row[0]), channel: channel, topic: Array(topic.utf8),
                filter: Array(filter.utf8), isGuaranteed: row[4],
                priority: (row[5] as Int64?).flatMap { UInt8(exactly: $0) }.flatMap(Priority.init(rawValue:)),
                conflateInterval: (row[6] as Int64?).map { Interval(nanoseconds: $0) }, conflateBy: row[7])
        }
    }

    private func readOutbox(
        of session: SessionKey, settledThrough: Int64, _ database: Database, _ restored: inout RestoredSession,
        _ index: inout StoreIndex
    ) throws {
        var settled: [Int64] = []
        let rows = try Row.fetchCursor(
            database.cachedStatement(
                sql: "SELECT offset, event, priority, retained FROM outbox WHERE session = ? ORDER BY offset"),
            arguments: [StoredColumns.integer(session.bits)])
        while let row = try rows.next() {
            let (offset, number): (Int64, Int64) = (row[0], row[1])
            guard number != 0 else {
                settled.append(offset)
                continue
            }
            index.loadReference(to: number)
            restored.session.lastOffset = max(restored.session.lastOffset, offset)
            guard let event = self.events[number] else {
                restored.lost.append(offset)
                continue
            }
            let priority = UInt8(exactly: row[2] as Int64).flatMap(Priority.init(rawValue:)) ?? event.priority
            restored.rows.append(.init(offset: offset, event: event, priority: priority, isRetained: row[3]))
        }
        restored.findHoles(settledThrough: settledThrough, settled: settled)
    }

    private func readRetained(_ database: Database, _ index: inout StoreIndex) throws -> [PublishedEvent] {
        let rows = try Row.fetchCursor(database, sql: "SELECT event FROM retained ORDER BY sequence")
        var retained: [PublishedEvent] = []
        while let row = try rows.next() {
            index.loadReference(to: row[0])
            if let event = self.events[row[0]] { retained.append(event) }
        }
        return retained
    }

    private func readKeys(_ database: Database, _ contents: inout StoreContents) throws {
        let rows = try Row.fetchCursor(
            database,
            sql: """
                SELECT identity, channel, key, origin, loop, number, until_ms FROM publish_key WHERE until_ms > ?
                ORDER BY until_ms
                """, arguments: [self.now.wall.milliseconds])
        while let row = try rows.next() {
            guard let channel = self.channelIndices[row[1]] else { continue }
            let (text, loop): (String, Int64) = (row[2], row[4])
            let key = PublishKey(identity: row[0], channel: channel, key: Array(text.utf8))
            let event = EventID(
                origin: StoredColumns.bits(row[3]), loop: UInt32(truncatingIfNeeded: loop),
                number: StoredColumns.bits(row[5]))
            contents.loops[key.home(loopCount: self.loopCount)].publishKeys.append(
                StoredPublishKey(key: key, event: event, until: WallTime(milliseconds: row[6])))
        }
    }
}
