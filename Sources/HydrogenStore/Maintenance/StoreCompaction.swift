import GRDB
import Glibc
import HydrogenShard

/// What `hydrogen store compact` did.
package struct StoreCompaction: Sendable {
    package var bytesBefore: Int
    package var bytesAfter: Int
    /// Rows that could be read, by table; nil for a sound store, which is copied whole.
    package var savedRows: [(table: String, count: Int)]?
    /// Where a damaged file went; nil for a sound one, whose place the compact one took.
    package var damagedPath: String?

    /// Writes a store anew, without free pages, and puts the new file in the old one's place. Of a damaged store what can
    /// be read is saved, and the damaged file is kept beside it.
    package static func compact(_ path: String) throws(StoreError) -> StoreCompaction {
        let temporary = "\(path).compact"
        for ending in ["", "-wal", "-journal"] { unsafe unlink(temporary + ending) }
        let before = Self.size(of: path)
        var result: StoreCompaction
        do {
            if try StoreCheck(path).faults.isEmpty {
                result = try Self.copy(path, to: temporary)
            } else {
                result = try Self.salvage(path, to: temporary)
            }
        } catch StoreError.damaged {
            result = try Self.salvage(path, to: temporary)
        }
        result.bytesBefore = before
        if let damagedPath = result.damagedPath {
            for ending in ["", "-wal"] { unsafe rename(path + ending, damagedPath + ending) }
        } else {
            unsafe unlink(path + "-wal")
        }
        guard unsafe rename(temporary, path) == 0 else {
            throw .cannotOpen(path: path, reason: unsafe String(cString: strerror(errno)))
        }
        result.bytesAfter = Self.size(of: path)
        return result
    }

    private static func copy(_ path: String, to temporary: String) throws(StoreError) -> StoreCompaction {
        let file = try StoreFile(path, mustExist: true)
        do {
            try file.queue.writeWithoutTransaction { database in
                try database.execute(sql: "VACUUM INTO ?", arguments: [temporary])
            }
        } catch {
            throw StoreFile.explain(error, path: path)
        }
        file.close()
        // The pages of `VACUUM INTO` are not on the disk yet, and its mode is the mask's.
        try Self.seal(temporary)
        return StoreCompaction(bytesBefore: 0, bytesAfter: 0, savedRows: nil, damagedPath: nil)
    }

    /// Row by row, as far as each table can be read.
    private static func salvage(_ path: String, to temporary: String) throws(StoreError) -> StoreCompaction {
        let new = try StoreFile(temporary, maxBytes: nil)
        var saved: [(table: String, count: Int)] = []
        do {
            try new.queue.writeWithoutTransaction { database in
                try database.execute(sql: "ATTACH DATABASE ? AS damaged", arguments: ["file:\(path)"])
                for table in StoreSchema.tables {
                    saved.append((table, try Self.save(table, database)))
                }
                if try Int.fetchOne(database, sql: "PRAGMA damaged.user_version") == 1 {
                    try StoreSchema.settleWhatIsMissing(database)
                }
                try database.execute(sql: "DETACH DATABASE damaged")
                _ = try Row.fetchOne(database, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
            }
        } catch {
            throw StoreFile.explain(error, path: path)
        }
        new.close()
        try Self.seal(temporary)
        return StoreCompaction(
            bytesBefore: 0, bytesAfter: 0, savedRows: saved, damagedPath: "\(path).damaged-\(time(nil))")
    }

    /// Copies rows from both ends of a table towards the place that cannot be read.
    private static func save(_ table: String, _ database: Database) throws -> Int {
        let key = try String.fetchAll(
            database, sql: "SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", arguments: [table])
        var count = 0
        for direction in ["ASC", "DESC"] {
            let order = key.map { "\($0) \(direction)" }.joined(separator: ", ")
            do {
                let rows = try Row.fetchCursor(database, sql: "SELECT * FROM damaged.\(table) ORDER BY \(order)")
                while let row = try rows.next() {
                    guard Self.isReadable(row, of: table) else { continue }
                    // By name: a file of an earlier version has fewer columns.
                    let names = Array(row.columnNames).joined(separator: ", ")
                    let marks = Array(repeating: "?", count: row.count).joined(separator: ", ")
                    try database.cachedStatement(sql: "INSERT OR IGNORE INTO main.\(table) (\(names)) VALUES (\(marks))")
                        .execute(arguments: StatementArguments(row.databaseValues))
                    count += database.changesCount
                }
                return count
            } catch let error as DatabaseError where Self.unreadable.contains(error.resultCode) {
                continue
            }
        }
        return count
    }

    /// What SQLite says of a page, or of a table, that is no more.
    private static let unreadable: [ResultCode] = [.SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_ERROR]

    /// Whether a server could read it.
    private static func isReadable(_ row: Row, of table: String) -> Bool {
        switch table {
        case "event": StoredEvent(row) != nil
        case "session": StoredSession(row) != nil
        default: true
        }
    }

    private static func seal(_ path: String) throws(StoreError) {
        let descriptor = unsafe open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw .cannotOpen(path: path, reason: unsafe String(cString: strerror(errno))) }
        defer { close(descriptor) }
        guard fchmod(descriptor, 0o600) == 0, fsync(descriptor) == 0 else {
            throw .cannotOpen(path: path, reason: unsafe String(cString: strerror(errno)))
        }
    }

    private static func size(of path: String) -> Int {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? Int(status.st_size) : 0
    }
}
