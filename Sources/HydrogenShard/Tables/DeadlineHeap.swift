import HydrogenProtocol

/// The next deadline of each slot of a table, earliest first: a heap that knows where each slot stands, so that a slot has
/// one entry at most and moving it costs a few comparisons. Each entry has four below it, side by side: with 19,000
/// entries a move touches half as many cache lines as with two.
struct DeadlineHeap {
    private struct Entry {
        var at: Instant
        var slot: UInt32
    }

    private var entries: [Entry] = []
    /// By slot: its index in `entries`, or -1.
    private var positions: [Int32] = []

    private static let arity = 4

    var earliest: Instant? { self.entries.first?.at }
    var count: Int { self.entries.count }

    /// Sets the deadline of a slot; nil takes it out.
    mutating func set(_ deadline: Instant?, for slot: UInt32) {
        let index = Int(slot)
        while self.positions.count <= index { self.positions.append(-1) }
        let position = Int(self.positions[index])
        guard let deadline else {
            if position >= 0 { self.remove(at: position) }
            return
        }
        if position < 0 {
            self.entries.append(Entry(at: deadline, slot: slot))
            self.siftUp(self.entries.count - 1)
        } else {
            let before = self.entries[position].at
            if before == deadline { return }
            self.entries[position].at = deadline
            if deadline < before { self.siftUp(position) } else { self.siftDown(position) }
        }
    }

    /// The earliest slot if its deadline has come. It stays in its place until it is set anew: a heartbeat moves it once,
    /// where to take it out and put it in again moved it twice.
    func firstDue(at now: Instant) -> UInt32? {
        guard let first = self.entries.first, first.at.nanoseconds <= now.nanoseconds else { return nil }
        return first.slot
    }

    /// Takes out the earliest slot if its deadline has come.
    mutating func popDue(at now: Instant) -> UInt32? {
        guard let first = self.entries.first, first.at <= now else { return nil }
        self.remove(at: 0)
        return first.slot
    }

    /// Takes out the earliest slot, due or not.
    mutating func popEarliest() -> UInt32? {
        guard let first = self.entries.first else { return nil }
        self.remove(at: 0)
        return first.slot
    }

    private mutating func remove(at position: Int) {
        self.positions[Int(self.entries[position].slot)] = -1
        let last = self.entries.removeLast()
        guard position < self.entries.count else { return }
        self.entries[position] = last
        self.positions[Int(last.slot)] = Int32(position)
        self.siftUp(position)
        self.siftDown(Int(self.positions[Int(last.slot)]))
    }

    /// Equal deadlines leave by slot, so that the order never depends on history.
    @inline(__always)
    private static func precedes(_ left: Entry, _ right: Entry) -> Bool {
        // Not by the operators of `Instant`, which are calls into another module: 700 instructions of each heartbeat.
        let (first, second) = (left.at.nanoseconds, right.at.nanoseconds)
        return first < second || (first == second && left.slot < right.slot)
    }

    private mutating func siftUp(_ start: Int) { Self.siftUp(start, &self.entries, &self.positions) }
    private mutating func siftDown(_ start: Int) { Self.siftDown(start, &self.entries, &self.positions) }

    // Through spans, so that the arrays are made unique once for each move and not for each step.

    private static func siftUp(_ start: Int, _ allEntries: inout [Entry], _ allPositions: inout [Int32]) {
        var entries = allEntries.mutableSpan
        var positions = allPositions.mutableSpan
        let entry = entries[start]
        var position = start
        while position > 0 {
            let parent = (position - 1) / Self.arity
            guard Self.precedes(entry, entries[parent]) else { break }
            entries[position] = entries[parent]
            positions[Int(entries[position].slot)] = Int32(position)
            position = parent
        }
        entries[position] = entry
        positions[Int(entry.slot)] = Int32(position)
    }

    private static func siftDown(_ start: Int, _ allEntries: inout [Entry], _ allPositions: inout [Int32]) {
        var entries = allEntries.mutableSpan
        var positions = allPositions.mutableSpan
        let entry = entries[start]
        var position = start
        while true {
            let first = Self.arity * position + 1
            guard first < entries.count else { break }
            var least = first
            for child in first..<min(first + Self.arity, entries.count) where Self.precedes(entries[child], entries[least]) {
                least = child
            }
            guard Self.precedes(entries[least], entry) else { break }
            entries[position] = entries[least]
            positions[Int(entries[position].slot)] = Int32(position)
            position = least
        }
        entries[position] = entry
        positions[Int(entry.slot)] = Int32(position)
    }
}
