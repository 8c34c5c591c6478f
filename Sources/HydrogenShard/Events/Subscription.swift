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
    /// Whether the event is, or one of them.
    var isGuaranteed = false
    /// The subscription that conflates the event; nil if one of them does not.
    var conflatingSubscription: UInt32?
}

extension SlotTable where Element == Subscription {
    /// Gives the slot back, and the memory of what is large.
    mutating func end(_ slot: UInt32) {
        self[slot].isInUse = false
        self[slot].filter = nil
        self[slot].conflation = nil
        self.remove(slot)
    }
}
