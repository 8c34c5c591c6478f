import HydrogenProtocol

/// The keys of publishes that this loop keeps: the same key within five minutes gives the first event's id.
package struct PublishKeyTable: Sendable {
    package static let lifetime = Interval.seconds(300)

    private let maximumCount: Int
    private struct Entry {
        var event: EventID
        /// Whether the publish under it is not committed yet.
        var isPending: Bool
    }

    private var events: [PublishKey: Entry] = [:]
    /// The same keys by expiry, and some that were given back.
    private var order = Queue<(key: PublishKey, event: EventID, until: Instant)>()

    package var count: Int { self.events.count }

    package init(maximumCount: Int) { self.maximumCount = maximumCount }

    /// Takes the key for this event, unless it is taken.
    ///
    /// - Parameter isPending: whether `settle` follows.
    package mutating func claim(
        _ key: PublishKey, for event: EventID, isPending: Bool = false, at now: Instant
    ) -> PublishKeyVerdict {
        self.expire(at: now)
        if let known = self.events[key] { return known.isPending ? .pending : .used(known.event) }
        self.insert(key, Entry(event: event, isPending: isPending), until: now + Self.lifetime)
        return .granted
    }

    /// The publish under a key is committed; or it is not, and the key is free again.
    mutating func settle(_ key: PublishKey, for event: EventID, isCommitted: Bool) {
        guard self.events[key]?.event == event else { return }
        if isCommitted { self.events[key]?.isPending = false } else { self.events[key] = nil }
    }

    /// A key that the store has kept.
    mutating func restore(_ key: PublishKey, for event: EventID, until: Instant) {
        self.insert(key, Entry(event: event, isPending: false), until: until)
    }

    private mutating func insert(_ key: PublishKey, _ entry: Entry, until: Instant) {
        guard self.maximumCount > 0 else { return }
        while self.events.count >= self.maximumCount, let oldest = self.order.popFirst() { self.remove(oldest) }
        self.events[key] = entry
        self.order.append((key, entry.event, until))
    }

    private mutating func remove(_ entry: (key: PublishKey, event: EventID, until: Instant)) {
        // The key may have been given back, and taken again.
        if self.events[entry.key]?.event == entry.event { self.events[entry.key] = nil }
    }

    private mutating func expire(at now: Instant) {
        while let first = self.order.first, first.until <= now {
            _ = self.order.popFirst()
            self.remove(first)
        }
    }
}
