import GRDB
import HydrogenProtocol
import HydrogenShard
import HydrogenThreads

/// What `hydrogen store check` finds.
package struct StoreCheck: Sendable {
    package var schemaVersion: Int
    package var fileBytes: Int
    package var sessionCount: Int
    package var subscriptionCount: Int
    package var eventCount: Int
    package var outboxRowCount: Int
    package var retainedCount: Int
    package var publishKeyCount: Int
    /// What is wrong; empty for a sound store.
    package var faults: [String]

    /// Looks at every page and every row of a store that no server has open.
    package init(_ path: String) throws(StoreError) {
        let file = try StoreFile(path, mustExist: true)
        defer { file.close() }
        self.faults = try file.faults(atMost: 100)
        do {
            let counts = try file.queue.inDatabase { database in
                try StoreSchema.tables.map { table in
                    // An outbox row without an event only says that it is settled.
                    let rows = table == "outbox" ? "outbox WHERE event != 0" : table
                    return try Int.fetchOne(database, sql: "SELECT count(*) FROM \(rows)") ?? 0
                }
            }
            (self.sessionCount, self.subscriptionCount, self.eventCount) = (counts[0], counts[1], counts[2])
            (self.outboxRowCount, self.retainedCount, self.publishKeyCount) = (counts[3], counts[4], counts[5])
            (self.schemaVersion, self.fileBytes) = try file.queue.inDatabase { database in
                let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
                let size = try Int.fetchOne(database, sql: "PRAGMA page_size") ?? 0
                return (try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0, pages * size)
            }
            self.faults += try file.queue.inDatabase(Self.contradictions)
        } catch {
            throw StoreFile.explain(error, path: path)
        }
    }

    /// What SQLite cannot know to be wrong.
    private static func contradictions(_ database: Database) throws -> [String] {
        let questions = [
            ("outbox rows whose event is missing",
                "SELECT count(*) FROM outbox WHERE event != 0 AND event NOT IN (SELECT row FROM event)"),
            ("outbox rows whose session is missing",
                "SELECT count(*) FROM outbox WHERE session NOT IN (SELECT key FROM session)"),
            ("subscriptions whose session is missing",
                "SELECT count(*) FROM subscription WHERE session NOT IN (SELECT key FROM session)"),
            ("retained events that are missing",
                "SELECT count(*) FROM retained WHERE event NOT IN (SELECT row FROM event)"),
        ]
        return try questions.compactMap { name, question in
            let count = try Int.fetchOne(database, sql: question) ?? 0
            return count == 0 ? nil : "\(count) \(name)"
        }
    }
}
