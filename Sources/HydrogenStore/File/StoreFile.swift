import GRDB
import Glibc

/// An open store: an SQLite file that this process alone has.
struct StoreFile: Sendable {
    let path: String
    let queue: DatabaseQueue

    /// Opens a store, or makes a new one where there is no file.
    /// - Parameters:
    ///   - maxBytes: how large the file may become; nil: as it likes.
    ///   - mustExist: whether no file is an error.
    init(_ path: String, maxBytes: Int? = nil, mustExist: Bool = false) throws(StoreError) {
        try Self.prepare(path, mustExist: mustExist)
        var configuration = GRDB.Configuration()
        configuration.label = "hydrogen.store"
        configuration.busyMode = .immediateError
        configuration.foreignKeysEnabled = false
        configuration.prepareDatabase { database in
            // The order matters: the first read takes the lock, which lasts as long as the process or the connection.
            // A process that is killed leaves none behind.
            try database.execute(sql: "PRAGMA locking_mode = EXCLUSIVE")
            // Can be chosen for a new file alone, and would write into an old one.
            if try Int.fetchOne(database, sql: "PRAGMA page_count") == 0 {
                try database.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
            }
            _ = try String.fetchOne(database, sql: "PRAGMA journal_mode = WAL")
            // A commit is on the disk when it returns.
            try database.execute(sql: "PRAGMA synchronous = FULL")
            try database.execute(sql: "PRAGMA journal_size_limit = 16777216")
            try database.execute(sql: "PRAGMA cell_size_check = ON")
        }
        self.path = path
        do {
            self.queue = try DatabaseQueue(path: path, configuration: configuration)
            try self.queue.inDatabase { database in try Self.takeOver(database, path: path, maxBytes: maxBytes) }
        } catch {
            throw Self.explain(error, path: path)
        }
    }

    /// A new file is for its owner alone, before SQLite writes into it.
    private static func prepare(_ path: String, mustExist: Bool) throws(StoreError) {
        let flags = O_RDWR | O_CLOEXEC | O_NONBLOCK | (mustExist ? 0 : O_CREAT)
        let descriptor = unsafe Glibc.open(path, flags, 0o600)
        guard descriptor >= 0 else { throw .cannotOpen(path: path, reason: unsafe String(cString: strerror(errno))) }
        defer { Glibc.close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .cannotOpen(path: path, reason: "it is no plain file")
        }
    }

    private static func takeOver(_ database: Database, path: String, maxBytes: Int?) throws {
        let application = try Int.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        let objectCount = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") ?? 0
        if application != StoreSchema.applicationID {
            guard application == 0, version == 0, objectCount == 0 else { throw StoreError.foreign(path: path) }
        }
        guard version <= StoreSchema.version else { throw StoreError.tooNew(path: path, version: version) }
        try database.inTransaction(.exclusive) {
            if application == 0 { try database.execute(sql: "PRAGMA application_id = \(StoreSchema.applicationID)") }
            if version < StoreSchema.version { try StoreSchema.migrate(database, from: version) }
            return .commit
        }
        if let maxBytes {
            let pageSize = try Int.fetchOne(database, sql: "PRAGMA page_size") ?? 4096
            // SQLite keeps to the size that the file has already, if that is larger.
            _ = try Int.fetchOne(database, sql: "PRAGMA max_page_count = \(max(maxBytes / pageSize, 1))")
        }
    }

    /// Whether the file is sound, page by page and index by index. Takes about a second per gigabyte.
    /// - Returns: what SQLite found, empty if nothing.
    func faults(atMost count: Int) throws(StoreError) -> [String] {
        do {
            let rows = try self.queue.inDatabase {
                try String.fetchAll($0, sql: "PRAGMA integrity_check(\(count))")
            }
            return rows == ["ok"] ? [] : rows
        } catch {
            throw Self.explain(error, path: self.path)
        }
    }

    func close() { try? self.queue.close() }

    /// What went wrong, in our words.
    static func explain(_ error: any Error, path: String) -> StoreError {
        if let error = error as? StoreError { return error }
        guard let error = error as? DatabaseError else { return .cannotOpen(path: path, reason: "\(error)") }
        let reason = error.message ?? "SQLite error \(error.resultCode.rawValue)"
        return switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED: .inUse(path: path)
        case .SQLITE_NOTADB, .SQLITE_CORRUPT, .SQLITE_MISMATCH: .damaged(path: path, reason: reason)
        default: .cannotOpen(path: path, reason: reason)
        }
    }
}
