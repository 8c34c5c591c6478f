import HydrogenConnection
import HydrogenProtocol

/// The connections of one loop, by slot. A freed slot is given out again under the next generation.
struct ConnectionTable {
    private var slots: [Connection] = []
    private var freeSlots: [UInt32] = []
    private(set) var count = 0

    /// Every slot that was ever used, in order; ask `isInUse` for each.
    var slotIndices: Range<Int> { self.slots.indices }

    mutating func insert(_ connection: consuming Connection) -> ConnectionID {
        self.count += 1
        if let slot = self.freeSlots.popLast() {
            connection.generation = self.slots[Int(slot)].generation &+ (KnownBug.generationNotRaised.isLoose ? 0 : 1)
            if connection.generation == 0 { connection.generation = 1 }
            self.slots[Int(slot)] = connection
            return ConnectionID(slot: slot, generation: self.slots[Int(slot)].generation)
        }
        connection.generation = 1
        self.slots.append(connection)
        return ConnectionID(slot: UInt32(self.slots.count - 1), generation: 1)
    }

    /// Gives the slot back; `id` never resolves again.
    mutating func remove(_ id: ConnectionID) {
        self.count -= 1
        self.freeSlots.append(id.slot)
    }

    /// The slot of a connection that is not freed; nil for a stale id.
    @inline(__always)
    func slot(of id: ConnectionID) -> Int? {
        let slot = Int(id.slot)
        guard slot < self.slots.count, self.slots[slot].generation == id.generation else { return nil }
        // A pattern: `!=` of another module's enumeration is a call, 30 instructions.
        if case .freed = self.slots[slot].machine.kind { return nil }
        return slot
    }

    func isInUse(_ slot: Int) -> Bool { self.slots[slot].machine.kind != .freed }

    func id(ofSlot slot: Int) -> ConnectionID {
        ConnectionID(slot: UInt32(slot), generation: self.slots[slot].generation)
    }

    subscript(slot: Int) -> Connection {
        @inline(__always) _read { yield self.slots[slot] }
        @inline(__always) _modify { yield &self.slots[slot] }
    }
}
