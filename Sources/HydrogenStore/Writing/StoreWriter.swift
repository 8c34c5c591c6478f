import GRDB
import HydrogenProtocol
import HydrogenShard

/// Writes batches into a store. Used on the store's thread alone.
struct StoreWriter: StoreEngine, Sendable {
    let file: StoreFile
    /// The names of the channels, by their index.
    let channels: [String]
    let maxRetained: Int
    let maxPublishKeys: Int
    private var index: StoreIndex
    /// Why the last thing that failed did.
    private(set) var fault = ""

    init(file: StoreFile, channels: [String], maxRetained: Int, maxPublishKeys: Int, index: StoreIndex) {
        self.file = file
        self.channels = channels
        self.maxRetained = maxRetained
        self.maxPublishKeys = maxPublishKeys
        self.index = index
    }

    /// Commits batches in one transaction, or none of them.
    mutating func commit(_ batches: [StoreBatch]) -> Bool {
        var index = self.takeIndex()
        do {
            try self.file.queue.inDatabase { database in
                try database.inTransaction(.immediate) {
                    for batch in batches { try self.write(batch, database, &index) }
                    if batches.contains(where: { !$0.retained.isEmpty }) { try self.trimRetained(database, &index) }
                    for row in index.removeLoose() {
                        try database.cachedStatement(sql: "DELETE FROM event WHERE row = ?").execute(arguments: [row])
                    }
                    return .commit
                }
            }
            index.commit()
            self.index = index
            return true
        } catch {
            index.rollBack()
            self.index = index
            self.fault = Self.reason(error)
            return false
        }
    }

    private static func reason(_ error: any Error) -> String { (error as? DatabaseError)?.message ?? "\(error)" }

    /// Writes something and takes it back, in a transaction that is committed: whether the store could take more.
    mutating func probe() -> Bool {
        do {
            try self.file.queue.inDatabase { database in
                try database.inTransaction(.immediate) {
                    try database.execute(
                        sql: """
                            INSERT INTO event (row, origin, loop, number, channel, action, body, data_start, data_end,
                            priority, retained, guaranteed, audience, sequence)
                            VALUES (-1, 0, 0, 0, '', '', zeroblob(\(Self.probeByteCount)), 0, 0, 0, 0, 0, 0, 0)
                            """)
                    try database.execute(sql: "DELETE FROM event WHERE row = -1")
                    return .commit
                }
            }
            return true
        } catch {
            self.fault = Self.reason(error)
            return false
        }
    }

    /// Somewhat more than the largest default message.
    private static let probeByteCount = 131_072

    /// Forgets what is over, and gives some of the file's free pages back to the system.
    func keepHouse(at now: WallTime) {
        try? self.file.queue.inDatabase { database in
            try database.execute(sql: "DELETE FROM publish_key WHERE until_ms < ?", arguments: [now.milliseconds])
            try database.execute(
                sql: """
                    DELETE FROM publish_key WHERE (identity, channel, key) IN (SELECT identity, channel, key
                      FROM publish_key ORDER BY until_ms DESC LIMIT -1 OFFSET ?)
                    """, arguments: [self.maxPublishKeys])
            try database.execute(sql: "PRAGMA incremental_vacuum(1000)")
        }
    }

    /// Out of `self`, so that it is changed in place and not copied.
    private mutating func takeIndex() -> StoreIndex {
        var index = StoreIndex()
        swap(&index, &self.index)
        return index
    }

    /// The parts of a batch in the order that `StoreBatch` lays down.
    private func write(_ batch: StoreBatch, _ database: Database, _ index: inout StoreIndex) throws {
        for session in batch.sessions { try self.write(session, database, &index) }
        for subscription in batch.subscriptions where index.holds(subscription.name.session) {
            try self.write(subscription, database)
        }
        for name in batch.removedSubscriptions {
            try database.cachedStatement(sql: "DELETE FROM subscription WHERE session = ? AND number = ?")
                .execute(arguments: [StoredColumns.integer(name.session.bits), name.number])
        }
        try self.write(batch.events, database, &index)
        try self.write(batch.rows, database, &index)
        for settlement in batch.settlements { try self.settle(settlement, database, &index) }
        if !batch.retained.isEmpty { try self.retain(batch, database, &index) }
        for key in batch.publishKeys { try self.write(key, database) }
        for session in batch.endedSessions { try self.end(session, database, &index) }
    }
}
