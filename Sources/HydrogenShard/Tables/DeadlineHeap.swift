import HydrogenProtocol

/// The next deadline of each slot of a table, earliest first: a binary heap that knows where each slot stands, so that
/// a slot has one entry at most and moving it costs a few comparisons.
struct DeadlineHeap {
    private struct Entry {
        var at: Instant
        var slot: UInt32
    }

    private var entries: [Entry] = []
    /// By slot: its index in `entries`, or -1.
    private var positions: [Int32] = []

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
    private func precedes(_ left: Entry, _ right: Entry) -> Bool {
        // Not by the operators of `Instant`, which are calls into another module: 700 instructions of each heartbeat.
        let (first, second) = (left.at.nanoseconds, right.at.nanoseconds)
        return first < second || (first == second && left.slot < right.slot)
    }

    private mutating func siftUp(_ start: Int) {
        var position = start
        let entry = self.entries[position]
        while position > 0 {
            let parent = (position - 1) / 2
            guard self.precedes(entry, self.entries[parent]) else { break }
            self.place(self.entries[parent], at: position)
            position = parent
        }
        self.place(entry, at: position)
    }

    private mutating func siftDown(_ start: Int) {
        var position = start
        let entry = self.entries[position]
        while true {
            var child = 2 * position + 1
            guard child < self.entries.count else { break }
            if child + 1 < self.entries.count, self.precedes(self.entries[child + 1], self.entries[child]) {
                child += 1
            }
            guard self.precedes(self.entries[child], entry) else { break }
            self.place(self.entries[child], at: position)
            position = child
        }
        self.place(entry, at: position)
    }

    private mutating func place(_ entry: Entry, at position: Int) {
        self.entries[position] = entry
        self.positions[Int(entry.slot)] = Int32(position)
    }
}
