import Foundation
import GRDB
import HydrogenProtocol
import HydrogenShard

extension StoreWriter {
    func write(_ events: [PublishedEvent], _ database: Database, _ index: inout StoreIndex) throws {
        let statement = try RowStatement(
            """
            INSERT INTO event (row, origin, loop, number, channel, action, body, data_start, data_end, priority,
              retained, guaranteed, audience, to_identity, to_session, sequence)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, database)
        for event in events where index.row(of: event.id) == nil {
            let row = index.add(event.id)
            let audience = AudienceColumns(event.audience)
            _ = try statement.run { values in
                values.integer(row)
                values.integer(StoredColumns.integer(event.id.origin))
                values.integer(Int64(event.id.loop))
                values.integer(StoredColumns.integer(event.id.number))
                values.text(self.channels[event.channel])
                values.text(event.action)
                values.blob(event.body)
                values.integer(Int64(event.data.indices.lowerBound))
                values.integer(Int64(event.data.indices.upperBound))
                values.integer(Int64(event.priority.rawValue))
                values.integer(event.isRetained ? 1 : 0)
                values.integer(event.isGuaranteed ? 1 : 0)
                values.integer(Int64(audience.kind))
                values.text(audience.identity)
                values.text(audience.session)
                values.integer(StoredColumns.integer(event.sequence))
            }
        }
    }

    func write(_ rows: [OutboxRow], _ database: Database, _ index: inout StoreIndex) throws {
        let statement = try RowStatement(
            "INSERT OR IGNORE INTO outbox (session, offset, event, priority, retained) VALUES (?, ?, ?, ?, ?)", database)
        for row in rows {
            guard index.holds(row.session), let event = index.row(of: row.event) else { continue }
            let count = try statement.run { values in
                values.integer(StoredColumns.integer(row.session.bits))
                values.integer(row.offset)
                values.integer(event)
                values.integer(Int64(row.priority.rawValue))
                values.integer(row.isRetained ? 1 : 0)
            }
            if count > 0 { index.addReference(to: event) }
        }
    }

    /// Rows that go: acknowledged, dead or expired. One of them above others leaves a mark, so that it is not taken for
    /// one that was never committed.
    func settle(_ settlement: OutboxSettlement, _ database: Database, _ index: inout StoreIndex) throws {
        let session = StoredColumns.integer(settlement.session.bits)
        let events = try Int64.fetchCursor(
            database.cachedStatement(sql: "DELETE FROM outbox WHERE session = ? AND offset <= ? RETURNING event"),
            arguments: [session, settlement.through])
        while let event = try events.next() { index.removeReference(to: event) }
        for offset in settlement.others where index.holds(settlement.session) {
            let one = try database.cachedStatement(sql: "SELECT event FROM outbox WHERE session = ? AND offset = ?")
            if let event = try Int64.fetchOne(one, arguments: [session, offset]) { index.removeReference(to: event) }
            try database.cachedStatement(
                sql: "INSERT OR REPLACE INTO outbox (session, offset, event, priority, retained) VALUES (?, ?, 0, 0, 0)"
            ).execute(arguments: [session, offset])
        }
        try database.cachedStatement(
            sql: """
                UPDATE session SET last_offset = max(last_offset, ?), settled = max(settled, ?), gaps = coalesce(?, gaps)
                WHERE key = ?
                """
        ).execute(arguments: [
            settlement.lastOffset, settlement.through, settlement.gaps.map { StoredColumns.blob($0) }, session,
        ])
    }

    /// Events that are the last of their action, unless the store has a later one.
    func retain(_ batch: StoreBatch, _ database: Database, _ index: inout StoreIndex) throws {
        for event in batch.events where batch.retained.contains(event.id) {
            guard let row = index.row(of: event.id) else { continue }
            let name: StatementArguments = [self.channels[event.channel], StoredColumns.text(event.action)]
            let held = try Row.fetchOne(
                database.cachedStatement(sql: "SELECT event, sequence FROM retained WHERE channel = ? AND action = ?"),
                arguments: name)
            if let held {
                guard StoredColumns.bits(held[1]) < event.sequence else { continue }
                index.removeReference(to: held[0])
            }
            try database.cachedStatement(
                sql: "INSERT OR REPLACE INTO retained (channel, action, event, sequence) VALUES (?, ?, ?, ?)"
            ).execute(arguments: name + [row, StoredColumns.integer(event.sequence)])
            index.addReference(to: row)
        }
    }

    /// Of the retained events the store keeps those with the highest sequence.
    func trimRetained(_ database: Database, _ index: inout StoreIndex) throws {
        let surplus = try Int64.fetchCursor(
            database.cachedStatement(
                sql: """
                    DELETE FROM retained WHERE sequence IN (SELECT sequence FROM retained ORDER BY sequence DESC
                      LIMIT -1 OFFSET ?) RETURNING event
                    """), arguments: [self.maxRetained])
        while let event = try surplus.next() { index.removeReference(to: event) }
    }

    func write(_ key: StoredPublishKey, _ database: Database) throws {
        try database.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO publish_key (identity, channel, key, origin, loop, number, until_ms)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            key.key.identity, self.channels[key.key.channel], StoredColumns.text(key.key.key),
            StoredColumns.integer(key.event.origin), Int64(key.event.loop), StoredColumns.integer(key.event.number),
            key.until.milliseconds,
        ])
    }
}
