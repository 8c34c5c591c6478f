/// Members of one object, sorted by name when they are looked for. It keeps its memory from use to use.
///
/// Names are compared without escapes and by code point; of members with the same name the last one counts.
package struct JSONMemberTable: Sendable {
    private var members: [JSONMember] = []
    private var isSorted = true

    package init() {}

    package var count: Int { self.members.count }

    package mutating func removeAll() {
        if !self.members.isEmpty { self.members.removeAll(keepingCapacity: true) }
        self.isSorted = true
    }

    /// Forgets what was appended beyond a count.
    package mutating func removeLast(to count: Int) {
        if count < self.members.count { self.members.removeSubrange(count...) }
    }

    package mutating func append(_ member: JSONMember) {
        self.members.append(member)
        self.isSorted = false
    }

    /// Takes all members of an object.
    package mutating func read(_ object: JSONObjectIterator, in bytes: Span<UInt8>) {
        self.removeAll()
        var iterator = object
        while let member = iterator.next(in: bytes) { self.append(member) }
    }

    /// Whether two members from a place on have the same name. Sorts them.
    package mutating func hasRepeatedName(from start: Int, in bytes: Span<UInt8>) -> Bool {
        guard self.members.count - start > 1 else { return false }
        self.sort(from: start, in: bytes)
        for index in (start + 1)..<self.members.count
        where JSONText.compare(self.members[index - 1].name, in: bytes, self.members[index].name, in: bytes) == 0 {
            return true
        }
        return false
    }

    /// Forgets all members but the last one of each name. Sorts them.
    package mutating func removeRepeated(in bytes: Span<UInt8>) {
        self.sortOnce(in: bytes)
        var kept = 0
        for index in self.members.indices {
            let isRepeated =
                kept > 0
                && JSONText.compare(self.members[kept - 1].name, in: bytes, self.members[index].name, in: bytes) == 0
            if !isRepeated { kept += 1 }
            self.members[kept - 1] = self.members[index]
        }
        self.removeLast(to: kept)
    }

    package subscript(index: Int) -> JSONMember { self.members[index] }

    /// The value of the last member of that name.
    ///
    /// - Parameter name: UTF-8 without escapes.
    package mutating func value(of name: Span<UInt8>, in bytes: Span<UInt8>) -> JSONValue? {
        self.sortOnce(in: bytes)
        return self.index(of: name, in: bytes).map { self.members[$0].value }
    }

    /// The place of the last member of that name, once they are sorted.
    package func index(of name: Span<UInt8>, in bytes: Span<UInt8>) -> Int? {
        // The first place behind all names that are not greater.
        var low = 0
        var high = self.members.count
        while low < high {
            let middle = (low + high) / 2
            if self.members[middle].name.compare(in: bytes, to: name) <= 0 { low = middle + 1 } else { high = middle }
        }
        guard low > 0, self.members[low - 1].name.compare(in: bytes, to: name) == 0 else { return nil }
        return low - 1
    }

    private mutating func sortOnce(in bytes: Span<UInt8>) {
        guard !self.isSorted else { return }
        self.sort(from: 0, in: bytes)
        self.isSorted = true
    }

    /// Sorts by name, and by place where names are the same. Heapsort: it needs no memory, and no order of names makes
    /// it slow.
    private mutating func sort(from start: Int, in bytes: Span<UInt8>) {
        let count = self.members.count - start
        for root in stride(from: count / 2 - 1, through: 0, by: -1) {
            self.siftDown(from: root, count, start, bytes)
        }
        for last in stride(from: count - 1, to: 0, by: -1) {
            self.members.swapAt(start, start + last)
            self.siftDown(from: 0, last, start, bytes)
        }
    }

    /// Restores the heap below a root: no parent stands before its children.
    private mutating func siftDown(from root: Int, _ count: Int, _ start: Int, _ bytes: Span<UInt8>) {
        var parent = root
        while 2 * parent + 1 < count {
            var child = 2 * parent + 1
            if child + 1 < count, self.isBefore(start + child, start + child + 1, bytes) { child += 1 }
            guard self.isBefore(start + parent, start + child, bytes) else { return }
            self.members.swapAt(start + parent, start + child)
            parent = child
        }
    }

    private func isBefore(_ left: Int, _ right: Int, _ bytes: Span<UInt8>) -> Bool {
        let order = JSONText.compare(self.members[left].name, in: bytes, self.members[right].name, in: bytes)
        guard order == 0 else { return order < 0 }
        return self.members[left].name.range.lowerBound < self.members[right].name.range.lowerBound
    }
}
