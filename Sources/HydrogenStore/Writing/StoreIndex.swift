import HydrogenShard

/// What a writer must know of the file at each row, kept in memory so that it is not asked for: the sessions, and the
/// events with the number of rows that refer to them. An event that nothing refers to is removed.
///
/// Changes belong to a transaction: `commit` keeps them, `rollBack` undoes them.
struct StoreIndex: Sendable {
    private struct Held {
        var id: EventID
        var referenceCount: Int
    }

    private enum Change {
        case sessionAdded(SessionKey)
        case sessionRemoved(SessionKey)
        case eventAdded(row: Int64)
        case eventRemoved(row: Int64, Held)
        case referenced(row: Int64, by: Int)
    }

    private var sessions: Set<SessionKey> = []
    private var rows: [EventID: Int64] = [:]
    private var held: [Int64: Held] = [:]
    private var nextRow: Int64 = 1
    private var changes: [Change] = []
    /// Events that may have lost their last reference, in the order in which that was noticed.
    private var loose: [Int64] = []

    var eventCount: Int { self.held.count }

    // What a transaction asks and changes.

    func holds(_ session: SessionKey) -> Bool { self.sessions.contains(session) }

    func row(of event: EventID) -> Int64? { self.rows[event] }

    mutating func add(_ session: SessionKey) {
        if self.sessions.insert(session).inserted { self.changes.append(.sessionAdded(session)) }
    }

    mutating func remove(_ session: SessionKey) {
        if self.sessions.remove(session) != nil { self.changes.append(.sessionRemoved(session)) }
    }

    /// An event that is new.
    /// - Returns: the row that it gets.
    mutating func add(_ event: EventID) -> Int64 {
        let row = self.nextRow
        self.insert(event, row: row)
        self.changes.append(.eventAdded(row: row))
        self.loose.append(row)
        return row
    }

    mutating func addReference(to row: Int64) { self.change(row, by: 1) }

    mutating func removeReference(to row: Int64) {
        self.change(row, by: -1)
        if self.held[row]?.referenceCount == 0 { self.loose.append(row) }
    }

    private mutating func change(_ row: Int64, by count: Int) {
        // A row may refer to an event that a damaged file has lost.
        guard self.held[row] != nil else { return }
        self.held[row]?.referenceCount += count
        self.changes.append(.referenced(row: row, by: count))
    }

    /// Takes out the events that nothing refers to any more.
    mutating func removeLoose() -> [Int64] {
        var removed: [Int64] = []
        for row in self.loose {
            guard let entry = self.held[row], entry.referenceCount == 0 else { continue }
            self.forget(row, entry)
            self.changes.append(.eventRemoved(row: row, entry))
            removed.append(row)
        }
        self.loose.removeAll(keepingCapacity: true)
        return removed
    }

    // Transactions

    mutating func commit() { self.changes.removeAll(keepingCapacity: true) }

    mutating func rollBack() {
        for change in self.changes.reversed() {
            switch change {
            case .sessionAdded(let session): self.sessions.remove(session)
            case .sessionRemoved(let session): self.sessions.insert(session)
            case .eventAdded(let row): if let entry = self.held[row] { self.forget(row, entry) }
            case .eventRemoved(let row, let entry):
                self.held[row] = entry
                self.rows[entry.id] = row
            case .referenced(let row, let count): self.held[row]?.referenceCount -= count
            }
        }
        self.changes.removeAll(keepingCapacity: true)
        self.loose.removeAll(keepingCapacity: true)
    }

    // Loading

    /// What the file holds already; no part of a transaction.
    mutating func load(_ session: SessionKey) { self.sessions.insert(session) }

    mutating func load(_ event: EventID, row: Int64) { self.insert(event, row: row) }

    mutating func loadReference(to row: Int64) { self.held[row]?.referenceCount += 1 }

    /// Every event is looked at by the next `removeLoose`.
    mutating func suspectAll() { self.loose = self.held.keys.sorted() }

    private mutating func insert(_ event: EventID, row: Int64) {
        self.rows[event] = row
        self.held[row] = Held(id: event, referenceCount: 0)
        self.nextRow = max(self.nextRow, row + 1)
    }

    private mutating func forget(_ row: Int64, _ entry: Held) {
        self.held[row] = nil
        if self.rows[entry.id] == row { self.rows[entry.id] = nil }
    }
}
