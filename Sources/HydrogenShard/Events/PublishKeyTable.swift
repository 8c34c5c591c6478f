import HydrogenProtocol

/// The keys of publishes that this loop keeps: the same key within five minutes gives the first event's id.
package struct PublishKeyTable: Sendable {
    package static let lifetime = Interval.seconds(300)

    private let maximumCount: Int
    private var events: [PublishKey: EventID] = [:]
    /// The same keys by expiry.
    private var order = Queue<(key: PublishKey, until: Instant)>()

    package var count: Int { self.events.count }

    package init(maximumCount: Int) { self.maximumCount = maximumCount }

    /// Takes the key for this event, unless it is taken.
    package mutating func claim(_ key: PublishKey, for event: EventID, at now: Instant) -> PublishKeyVerdict {
        self.expire(at: now)
        if let known = self.events[key] { return .used(known) }
        guard self.maximumCount > 0 else { return .granted }
        while self.events.count >= self.maximumCount, let oldest = self.order.popFirst() {
            self.events[oldest.key] = nil
        }
        let until = now + Self.lifetime
        self.events[key] = event
        self.order.append((key, until))
        return .granted
    }

    private mutating func expire(at now: Instant) {
        while let first = self.order.first, first.until <= now {
            _ = self.order.popFirst()
            self.events[first.key] = nil
        }
    }
}
