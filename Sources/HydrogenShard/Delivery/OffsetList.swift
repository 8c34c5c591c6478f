/// Offsets in rising order: added at the end, and taken out anywhere, most often at the start.
struct OffsetList {
    private var offsets: [Int64] = []
    /// How many at the start are gone already.
    private var head = 0

    var count: Int { self.offsets.count - self.head }
    var isEmpty: Bool { self.head == self.offsets.count }
    var first: Int64? { self.isEmpty ? nil : self.offsets[self.head] }
    var indices: Range<Int> { 0..<self.count }

    subscript(index: Int) -> Int64 { self.offsets[self.head + index] }

    mutating func append(_ offset: Int64) { self.offsets.append(offset) }

    /// Takes an offset out, if it is there.
    mutating func remove(_ offset: Int64) {
        if self.first == offset { return self.removeFirst() }
        var lower = self.head
        var upper = self.offsets.count
        while lower < upper {
            let middle = (lower + upper) / 2
            if self.offsets[middle] < offset { lower = middle + 1 } else { upper = middle }
        }
        guard lower < self.offsets.count, self.offsets[lower] == offset else { return }
        self.offsets.remove(at: lower)
    }

    private mutating func removeFirst() {
        self.head += 1
        if self.isEmpty {
            self.offsets.removeAll(keepingCapacity: true)
            self.head = 0
        } else if self.head > 64, self.head * 2 > self.offsets.count {
            self.offsets.removeFirst(self.head)
            self.head = 0
        }
    }

    /// Puts offsets that are all lower before these.
    mutating func prepend(_ lower: OffsetList) {
        self.offsets = Array(lower.offsets[lower.head...] + self.offsets[self.head...])
        self.head = 0
    }

    mutating func removeAll() {
        self.offsets = []
        self.head = 0
    }
}
