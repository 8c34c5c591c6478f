/// Elements named by a slot; one that is given back is given out again, the last one first. How many there may be is for
/// its user to bound.
struct SlotTable<Element> {
    private var slots: [Element] = []
    private var freeSlots: [UInt32] = []

    var count: Int { self.slots.count - self.freeSlots.count }

    mutating func insert(_ element: consuming Element) -> UInt32 {
        guard let slot = self.freeSlots.popLast() else {
            self.slots.append(element)
            return UInt32(self.slots.count - 1)
        }
        self.slots[Int(slot)] = element
        return slot
    }

    /// Gives the slot back. What is there stays until it is given out again.
    mutating func remove(_ slot: UInt32) {
        self.freeSlots.append(slot)
    }

    subscript(slot: UInt32) -> Element {
        @inline(__always) _read { yield self.slots[Int(slot)] }
        @inline(__always) _modify { yield &self.slots[Int(slot)] }
    }
}
