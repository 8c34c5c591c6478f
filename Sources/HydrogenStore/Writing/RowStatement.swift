import GRDB
import GRDBSQLite

/// A statement that runs once for each row of a batch, through SQLite's own functions. GRDB looks a statement up by its
/// text and boxes its arguments at each run, which takes longer than SQLite needs for the row.
@safe struct RowStatement {
    private let statement: Statement

    /// - Parameter database: keeps the statement for the next transaction.
    init(_ sql: String, _ database: Database) throws { self.statement = try database.cachedStatement(sql: sql) }

    /// Runs it for one row.
    /// - Parameter bind: gives the values, in the order of the parameters; those that it leaves out are NULL.
    /// - Returns: how many rows changed.
    func run(_ bind: (inout Values) -> Void) throws -> Int {
        let pointer = unsafe self.statement.sqliteStatement
        var values = unsafe Values(pointer)
        bind(&values)
        let code = unsafe values.code == SQLITE_OK ? sqlite3_step(pointer) : values.code
        let connection = unsafe sqlite3_db_handle(pointer)
        let message = unsafe code == SQLITE_DONE ? nil : sqlite3_errmsg(connection).map { unsafe String(cString: $0) }
        unsafe sqlite3_reset(pointer)
        unsafe sqlite3_clear_bindings(pointer)
        guard code == SQLITE_DONE else {
            throw DatabaseError(resultCode: ResultCode(rawValue: code), message: message)
        }
        return Int(unsafe sqlite3_changes(connection))
    }

    /// Binds the parameters one after the other.
    @safe struct Values {
        private let statement: OpaquePointer
        private var position: Int32 = 0
        /// `SQLITE_OK`, or why a value could not be bound.
        fileprivate var code = SQLITE_OK

        fileprivate init(_ statement: OpaquePointer) { unsafe self.statement = statement }

        mutating func null() {
            self.position += 1
            self.note(unsafe sqlite3_bind_null(self.statement, self.position))
        }

        mutating func integer(_ value: Int64) {
            self.position += 1
            self.note(unsafe sqlite3_bind_int64(self.statement, self.position, value))
        }

        mutating func blob(_ bytes: [UInt8]) {
            self.position += 1
            self.note(
                unsafe bytes.withUnsafeBytes { buffer in
                    unsafe sqlite3_bind_blob64(
                        self.statement, self.position, Self.address(of: buffer), UInt64(buffer.count), Self.copied)
                })
        }

        mutating func text(_ bytes: [UInt8]) { unsafe bytes.withUnsafeBytes { unsafe self.text($0) } }

        mutating func text(_ text: String?) {
            guard var text else { return self.null() }
            text.withUTF8 { unsafe self.text(UnsafeRawBufferPointer($0)) }
        }

        private mutating func text(_ bytes: UnsafeRawBufferPointer) {
            self.position += 1
            self.note(
                unsafe sqlite3_bind_text64(
                    self.statement, self.position, Self.address(of: bytes)?.assumingMemoryBound(to: CChar.self),
                    UInt64(bytes.count), Self.copied, UInt8(SQLITE_UTF8)))
        }

        /// Never none: that would be NULL, and not a value without bytes.
        private static func address(of bytes: UnsafeRawBufferPointer) -> UnsafeRawPointer? {
            unsafe bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1)
        }

        /// `SQLITE_TRANSIENT`: SQLite copies what it is given.
        private static var copied: sqlite3_destructor_type { unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self) }

        private mutating func note(_ code: Int32) { if self.code == SQLITE_OK { self.code = code } }
    }
}
