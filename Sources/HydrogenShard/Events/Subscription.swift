import HydrogenProtocol

/// What one session asked to be told.
struct Subscription {
    var isInUse = true
    var session: UInt32
    var channel: Int
    /// `sub-<n>`, n from 1 in each session.
    var number: Int
    var pattern: TopicPattern
    var filter: Filter?
    /// Replaces the event's; nil keeps it.
    var priority: Priority?
    var conflation: Conflation?
    /// The members of the request that make it this subscription and no other: the same again gives the same id.
    var request: SubscribeRequest

    var id: String { "sub-\(self.number)" }
}

/// What all subscriptions of a session that match the event in hand say together.
struct SubscriptionMatch {
    /// The event that this is about; others find it stale.
    var epoch: UInt64 = 0
    var priority: Priority = .normal
    /// The subscription that conflates the event; nil if one of them does not.
    var conflatingSubscription: UInt32?
}

/// The subscriptions of one loop, by slot.
struct SubscriptionTable {
    private var slots: [Subscription] = []
    private var freeSlots: [UInt32] = []

    mutating func insert(_ subscription: consuming Subscription) -> UInt32 {
        guard let slot = self.freeSlots.popLast() else {
            self.slots.append(subscription)
            return UInt32(self.slots.count - 1)
        }
        self.slots[Int(slot)] = subscription
        return slot
    }

    mutating func remove(_ slot: UInt32) {
        self.slots[Int(slot)].isInUse = false
        self.slots[Int(slot)].filter = nil
        self.slots[Int(slot)].conflation = nil
        self.freeSlots.append(slot)
    }

    subscript(slot: UInt32) -> Subscription {
        @inline(__always) _read { yield self.slots[Int(slot)] }
        @inline(__always) _modify { yield &self.slots[Int(slot)] }
    }
}
