import Foundation
import GRDB
import Testing

@testable import HydrogenStore

/// Values that go to SQLite without GRDB, read back with it.
@Suite struct RowStatementTests {
    private static func withTable(_ body: (Database, RowStatement) throws -> Void) throws {
        try DatabaseQueue().inDatabase { database in
            try database.execute(sql: "CREATE TABLE t (a INTEGER PRIMARY KEY, b, c, d NOT NULL)")
            try body(database, RowStatement("INSERT OR IGNORE INTO t VALUES (?, ?, ?, ?)", database))
        }
    }

    @Test(arguments: [Int64.min, -1, 0, 1, Int64.max])
    func integersKeepTheirBits(_ integer: Int64) throws {
        try Self.withTable { database, statement in
            let count = try statement.run { values in
                values.integer(integer)
                values.null()
                values.null()
                values.integer(0)
            }
            #expect(count == 1)
            #expect(try Int64.fetchAll(database, sql: "SELECT a FROM t") == [integer])
            #expect(try String.fetchOne(database, sql: "SELECT typeof(b) FROM t") == "null")
        }
    }

    @Test(arguments: ["", "a", "größer 🙂", "with\0zero", String(repeating: "x", count: 70_000)])
    func bytesAreWhatTheyWere(_ text: String) throws {
        try Self.withTable { database, statement in
            _ = try statement.run { values in
                values.integer(1)
                values.text(text)
                values.text(Array(text.utf8))
                values.blob(Array(text.utf8))
            }
            let sql = "SELECT typeof(b), typeof(c), typeof(d), CAST(b AS BLOB), CAST(c AS BLOB), d FROM t"
            let row = try #require(try Row.fetchOne(database, sql: sql))
            let types: [String] = (0..<3).map { row[$0] }
            let contents: [Data] = (3..<6).map { row[$0] }
            #expect(types == ["text", "text", "blob"])
            #expect(contents == Array(repeating: Data(text.utf8), count: 3))
        }
    }

    @Test func noTextIsNull() throws {
        try Self.withTable { database, statement in
            _ = try statement.run { values in
                values.integer(1)
                values.text(nil)
                values.null()
                values.integer(2)
            }
            #expect(try String.fetchOne(database, sql: "SELECT typeof(b) FROM t") == "null")
        }
    }

    @Test func itCountsWhatChanged() throws {
        try Self.withTable { _, statement in
            let counts = try [Int64(7), 7, 8].map { key in
                try statement.run { values in
                    values.integer(key)
                    for _ in 0..<3 { values.integer(0) }
                }
            }
            #expect(counts == [1, 0, 1])
        }
    }

    /// Nothing of a row is left for the next one.
    @Test func whatIsLeftOutIsNull() throws {
        try Self.withTable { database, _ in
            let statement = try RowStatement("INSERT INTO t VALUES (?, ?, ?, 0)", database)
            for key: Int64 in [1, 2] {
                _ = try statement.run { values in
                    values.integer(key)
                    if key == 1 { values.text("first") }
                }
            }
            #expect(try String?.fetchAll(database, sql: "SELECT b FROM t ORDER BY a") == ["first", nil])
        }
    }

    @Test func aFaultIsThrownAndTheStatementGoesOn() throws {
        try Self.withTable { database, _ in
            let statement = try RowStatement("INSERT INTO t VALUES (?, ?, ?, ?)", database)
            func insert() throws -> Int {
                try statement.run { values in for _ in 0..<4 { values.integer(1) } }
            }
            #expect(try insert() == 1)
            let error = #expect(throws: DatabaseError.self) { try insert() }
            #expect(error?.resultCode == .SQLITE_CONSTRAINT)
            #expect(error?.message == "UNIQUE constraint failed: t.a")
            try database.execute(sql: "DELETE FROM t")
            #expect(try insert() == 1)
        }
    }

    @Test func oneValueTooManyIsAFault() throws {
        try Self.withTable { _, statement in
            let error = #expect(throws: DatabaseError.self) {
                try statement.run { values in for _ in 0..<5 { values.integer(1) } }
            }
            #expect(error?.resultCode == .SQLITE_RANGE)
        }
    }
}
