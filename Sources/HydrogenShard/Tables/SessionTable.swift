import HydrogenProtocol

/// A client's stay with this server: what it may do, and what it subscribed to.
struct Session {
    var generation: UInt32 = 0
    var isInUse = true
    /// `s<loop>-<random>`: names the home loop.
    var id: String
    /// What commands carry in `auth.token`.
    var token: [UInt8]
    var grant: Grant
    var connection: ConnectionID
    /// Slots of its subscriptions, in the order of their making.
    var subscriptions: [UInt32] = []
    var nextSubscriptionNumber = 1
    /// What the event in hand means for this session; see `FanOut`.
    var match = SubscriptionMatch()
}

/// The sessions of one loop, by slot.
struct SessionTable {
    static let none = UInt32.max

    private var slots: [Session] = []
    private var freeSlots: [UInt32] = []
    private(set) var count = 0

    var slotIndices: Range<Int> { self.slots.indices }

    mutating func insert(_ session: consuming Session) -> UInt32 {
        self.count += 1
        guard let slot = self.freeSlots.popLast() else {
            self.slots.append(session)
            return UInt32(self.slots.count - 1)
        }
        session.generation = self.slots[Int(slot)].generation &+ 1
        self.slots[Int(slot)] = session
        return slot
    }

    mutating func remove(_ slot: UInt32) {
        self.slots[Int(slot)].isInUse = false
        self.slots[Int(slot)].subscriptions = []
        self.slots[Int(slot)].token = []
        self.freeSlots.append(slot)
        self.count -= 1
    }

    subscript(slot: UInt32) -> Session {
        @inline(__always) _read { yield self.slots[Int(slot)] }
        @inline(__always) _modify { yield &self.slots[Int(slot)] }
    }
}
