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

    /// Takes in what another matching subscription says.
    /// - Returns: whether it is the first one for its event.
    @inline(__always)
    mutating func join(_ other: SubscriptionMatch) -> Bool {
        guard self.epoch == other.epoch else {
            self = other
            return true
        }
        if other.priority < self.priority { self.priority = other.priority }
        if other.isGuaranteed { self.isGuaranteed = true }
        if other.conflatingSubscription == nil { self.conflatingSubscription = nil }
        return false
    }
}

/// What the match of an event asks of each subscription whose topic fits: 12 bytes beside each other, where the whole
/// subscription is some hundred and was copied for each question (480 instructions a receiver).
struct SubscriptionFacts {
    var session: UInt32
    var priority: Priority?
    var hasFilter: Bool
    var isGuaranteed: Bool
    var isConflated: Bool

    init(_ subscription: Subscription) {
        self.session = subscription.session
        self.priority = subscription.priority
        self.hasFilter = subscription.filter != nil
        self.isGuaranteed = subscription.request.isGuaranteed
        self.isConflated = subscription.conflation != nil
    }
}

/// The subscriptions of one loop, by slot.
struct SubscriptionTable {
    private var subscriptions = SlotTable<Subscription>()
    private(set) var facts: [SubscriptionFacts] = []

    var count: Int { self.subscriptions.count }

    mutating func insert(_ subscription: Subscription) -> UInt32 {
        let facts = SubscriptionFacts(subscription)
        let slot = self.subscriptions.insert(subscription)
        if Int(slot) < self.facts.count { self.facts[Int(slot)] = facts } else { self.facts.append(facts) }
        return slot
    }

    /// Gives the slot back, and the memory of what is large.
    mutating func end(_ slot: UInt32) {
        self.subscriptions[slot].isInUse = false
        self.subscriptions[slot].filter = nil
        self.subscriptions[slot].conflation = nil
        self.subscriptions.remove(slot)
    }

    /// The facts stay what they were when it was inserted: only the state of its conflation may change.
    subscript(slot: UInt32) -> Subscription {
        @inline(__always) _read { yield self.subscriptions[slot] }
        @inline(__always) _modify { yield &self.subscriptions[slot] }
    }
}
