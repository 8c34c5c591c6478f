import Foundation
import GRDB
import HydrogenCrypto
import HydrogenShard

extension StoreWriter {
    func write(_ session: StoredSession, _ database: Database, _ index: inout StoreIndex) throws {
        index.add(session.key)
        try database.cachedStatement(
            sql: """
                INSERT INTO session (key, id, identity, key_digest, tokens, next_subscription, gaps, last_offset)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (key) DO UPDATE SET id = excluded.id, identity = excluded.identity,
                  key_digest = excluded.key_digest, tokens = excluded.tokens,
                  next_subscription = excluded.next_subscription, gaps = excluded.gaps,
                  last_offset = max(last_offset, excluded.last_offset)
                """
        ).execute(arguments: [
            StoredColumns.integer(session.key.bits), session.id, session.identity,
            session.keyDigest.map { StoredColumns.blob([$0]) }, StoredColumns.blob(session.tokens),
            session.nextSubscriptionNumber, StoredColumns.blob(session.gaps), session.lastOffset,
        ])
    }

    func write(_ subscription: StoredSubscription, _ database: Database) throws {
        try database.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO subscription (session, number, channel, topic, filter, guaranteed, priority,
                  conflate_ns, conflate_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            StoredColumns.integer(subscription.name.session.bits), subscription.name.number,
            self.channels[subscription.channel], StoredColumns.text(subscription.topic),
            StoredColumns.text(subscription.filter), subscription.isGuaranteed,
            subscription.priority.map { Int($0.rawValue) }, subscription.conflateInterval?.nanoseconds,
            subscription.conflateBy,
        ])
    }

    /// A session has ended: everything of its own goes.
    func end(_ session: SessionKey, _ database: Database, _ index: inout StoreIndex) throws {
        let key = StoredColumns.integer(session.bits)
        let events = try Int64.fetchCursor(
            database.cachedStatement(sql: "DELETE FROM outbox WHERE session = ? RETURNING event"), arguments: [key])
        while let event = try events.next() { index.removeReference(to: event) }
        try database.cachedStatement(sql: "DELETE FROM subscription WHERE session = ?").execute(arguments: [key])
        try database.cachedStatement(sql: "DELETE FROM session WHERE key = ?").execute(arguments: [key])
        index.remove(session)
    }
}
