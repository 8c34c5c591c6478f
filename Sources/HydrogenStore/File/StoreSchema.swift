import GRDB

/// The tables of a store, and how a file of an earlier version becomes one of this version.
///
/// To change the schema: raise `version`, add the step to `migrate`, and keep a file of the old version among the
/// fixtures of the tests.
enum StoreSchema {
    /// `PRAGMA application_id`: "Hydr".
    static let applicationID = 0x4879_6472
    /// `PRAGMA user_version`.
    static let version = 2

    /// In the order in which rows refer to each other.
    static let tables = ["session", "subscription", "event", "outbox", "retained", "publish_key"]

    /// Brings a file from a version to this one; 0 is a new file.
    static func migrate(_ database: Database, from version: Int) throws {
        if version < 1 { try database.execute(sql: self.version1) }
        if version < 2 {
            try database.execute(sql: "ALTER TABLE session ADD COLUMN settled INTEGER NOT NULL DEFAULT 0")
            try self.settleWhatIsMissing(database)
        }
        try database.execute(sql: "PRAGMA user_version = \(self.version)")
    }

    /// Version 1 did not tell what was settled from what was never committed: whatever is missing counts as settled.
    static func settleWhatIsMissing(_ database: Database) throws {
        try database.execute(
            sql: """
                UPDATE session SET settled = coalesce(
                  (SELECT min(offset) - 1 FROM outbox WHERE outbox.session = session.key), last_offset);
                WITH RECURSIVE known (session, offset, last) AS (
                  SELECT session, min(offset), max(offset) FROM outbox GROUP BY session
                  UNION ALL SELECT session, offset + 1, last FROM known WHERE offset < last)
                INSERT OR IGNORE INTO outbox (session, offset, event, priority, retained)
                  SELECT session, offset, 0, 0, 0 FROM known;
                """)
    }

    /// `session.settled`, of version 2: every offset up to it is settled. An `outbox.event` of 0: this one alone is.
    ///
    /// `key`: the bits of `SessionKey`. `tokens`: SHA-256 values, one after the other. `gaps`: pairs of 64-bit numbers,
    /// most significant octet first. An event's `origin`, `loop` and `number` are its id; `row` names it within the file.
    /// Rows of sessions rise in the order in which they began.
    private static let version1 = """
        CREATE TABLE session (
          row INTEGER PRIMARY KEY, key INTEGER NOT NULL UNIQUE, id TEXT NOT NULL, identity TEXT NOT NULL,
          key_digest BLOB, tokens BLOB NOT NULL, next_subscription INTEGER NOT NULL, gaps BLOB NOT NULL,
          last_offset INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE subscription (
          session INTEGER NOT NULL, number INTEGER NOT NULL, channel TEXT NOT NULL, topic TEXT NOT NULL,
          filter TEXT NOT NULL, guaranteed INTEGER NOT NULL, priority INTEGER, conflate_ns INTEGER, conflate_by TEXT,
          PRIMARY KEY (session, number)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE event (
          row INTEGER PRIMARY KEY, origin INTEGER NOT NULL, loop INTEGER NOT NULL, number INTEGER NOT NULL,
          channel TEXT NOT NULL, action TEXT NOT NULL, body BLOB NOT NULL, data_start INTEGER NOT NULL,
          data_end INTEGER NOT NULL, priority INTEGER NOT NULL, retained INTEGER NOT NULL, guaranteed INTEGER NOT NULL,
          audience INTEGER NOT NULL, to_identity TEXT, to_session TEXT, sequence INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE outbox (
          session INTEGER NOT NULL, offset INTEGER NOT NULL, event INTEGER NOT NULL, priority INTEGER NOT NULL,
          retained INTEGER NOT NULL, PRIMARY KEY (session, offset)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE retained (
          channel TEXT NOT NULL, action TEXT NOT NULL, event INTEGER NOT NULL, sequence INTEGER NOT NULL,
          PRIMARY KEY (channel, action)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX retained_sequence ON retained (sequence);
        CREATE TABLE publish_key (
          identity TEXT NOT NULL, channel TEXT NOT NULL, key TEXT NOT NULL, origin INTEGER NOT NULL,
          loop INTEGER NOT NULL, number INTEGER NOT NULL, until_ms INTEGER NOT NULL,
          PRIMARY KEY (identity, channel, key)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX publish_key_until ON publish_key (until_ms);
        """
}
