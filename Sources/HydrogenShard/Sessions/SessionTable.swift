import HydrogenProtocol

/// Names a session of one loop, by slot and generation.
package struct SessionReference: Sendable, Hashable {
    var slot: UInt32
    var generation: UInt32
}

/// The sessions of one loop, by slot and by id.
struct SessionTable {
    static let none = UInt32.max

    private var slots: [Session] = []
    private var freeSlots: [UInt32] = []
    private var slotsByID: [String: UInt32] = [:]
    private(set) var count = 0

    var slotIndices: Range<Int> { self.slots.indices }

    mutating func insert(_ session: consuming Session) -> UInt32 {
        self.count += 1
        let id = session.id
        let slot: UInt32
        if let free = self.freeSlots.popLast() {
            slot = free
            session.generation = self.slots[Int(slot)].generation &+ 1
            self.slots[Int(slot)] = session
        } else {
            slot = UInt32(self.slots.count)
            self.slots.append(session)
        }
        self.slotsByID[id] = slot
        return slot
    }

    mutating func remove(_ slot: UInt32) {
        self.slotsByID[self.slots[Int(slot)].id] = nil
        self.slots[Int(slot)].isInUse = false
        self.slots[Int(slot)].subscriptions = []
        self.slots[Int(slot)].tokens.removeAll()
        self.freeSlots.append(slot)
        self.count -= 1
    }

    func find(_ id: String) -> UInt32? { self.slotsByID[id] }

    func find(_ reference: SessionReference) -> UInt32? {
        guard self.slots[Int(reference.slot)].isInUse,
            self.slots[Int(reference.slot)].generation == reference.generation
        else { return nil }
        return reference.slot
    }

    func reference(_ slot: UInt32) -> SessionReference {
        SessionReference(slot: slot, generation: self.slots[Int(slot)].generation)
    }

    func isInUse(_ slot: UInt32) -> Bool { self.slots[Int(slot)].isInUse }

    /// Which token of a session a text is. They are asked one by one where they lie: an array that is gone through is held by
    /// a reference that is counted, for each message.
    func tokenIndex(of text: Span<UInt8>, at slot: UInt32) -> Int? {
        for index in 0..<self.slots[Int(slot)].tokens.count where self.slots[Int(slot)].tokens.holds(text, at: index) {
            return index
        }
        return nil
    }

    subscript(slot: UInt32) -> Session {
        @inline(__always) _read { yield self.slots[Int(slot)] }
        @inline(__always) _modify { yield &self.slots[Int(slot)] }
    }
}
