/// Elements named by a slot; one that is given back is given out again, the last one first. How many there may be is for
/// its user to bound.
struct SlotTable<Element> {
    private var elements: [Element] = []
    private var freeSlots: [UInt32] = []

    var count: Int { self.slots.count - self.freeSlots.count }

    mutating func insert(_ element: consuming Element) -> UInt32 {
        guard let slot = self.freeSlots.popLast() else {
            self.elements.append(element)
            return UInt32(self.elements.count - 1)
        }
        self.elements[Int(slot)] = element
        return slot
    }

    /// Every slot that was ever given out, those given back among them.
    var slots: Range<UInt32> { 0..<UInt32(self.elements.count) }

    /// Gives the slot back. What is there stays until it is given out again.
    mutating func remove(_ slot: UInt32) {
        self.freeSlots.append(slot)
    }

    subscript(slot: UInt32) -> Element {
        @inline(__always) _read { yield self.elements[Int(slot)] }
        @inline(__always) _modify { yield &self.elements[Int(slot)] }
    }
}

extension SlotTable: Sendable where Element: Sendable {}
