import HydrogenProtocol

/// The state of one conflating subscription: of the events of one action, and of one value of a member of their data,
/// the first goes at once, then the latest at the end of each interval.
struct Conflation {
    /// What is kept apart: an action, and the JSON text of the value of `conflate_by`.
    struct Group: Hashable {
        var action: [UInt8]
        var value: [UInt8]
    }

    private struct Entry {
        var group: Group
        var intervalEndsAt: Instant
        /// The latest event of the running interval.
        var latest: PublishedEvent?
    }

    /// What to do with an event.
    enum Decision {
        case sendNow
        /// It waits for the end of the interval; `replaces` says whether it took the place of one that is dropped.
        case wait(replaces: Bool)
        /// No group is free: this older one of another group goes now instead of at the end of its interval, and the
        /// event too, since its interval starts.
        case sendBoth(PublishedEvent)
    }

    /// At most so many values are told apart.
    static let maximumGroupCount = 256

    let interval: Interval
    let member: String?
    private var entries: [Entry] = []

    init(interval: Interval, member: String?) {
        self.interval = interval
        self.member = member
    }

    /// When the first interval ends that has an event waiting.
    var nextDeadline: Instant? {
        self.entries.reduce(nil) { earliest, entry in
            guard entry.latest != nil else { return earliest }
            return earliest.map { min($0, entry.intervalEndsAt) } ?? entry.intervalEndsAt
        }
    }

    mutating func offer(_ event: PublishedEvent, _ group: Group, at now: Instant) -> Decision {
        if let index = self.entries.firstIndex(where: { $0.group == group }) {
            if now < self.entries[index].intervalEndsAt || self.entries[index].latest != nil {
                let replaces = self.entries[index].latest != nil
                self.entries[index].latest = event
                return .wait(replaces: replaces)
            }
            self.entries[index].intervalEndsAt = now + self.interval
            return .sendNow
        }
        let fresh = Entry(group: group, intervalEndsAt: now + self.interval, latest: nil)
        if self.entries.count < Self.maximumGroupCount {
            self.entries.append(fresh)
            return .sendNow
        }
        // The group whose interval ends first makes room; most often it has nothing waiting.
        guard let oldest = self.entries.indices.min(by: { self.entries[$0].intervalEndsAt < self.entries[$1].intervalEndsAt })
        else { return .sendNow }
        let evicted = self.entries[oldest].latest
        self.entries[oldest] = fresh
        return evicted.map(Decision.sendBoth) ?? .sendNow
    }

    /// Takes out the events whose interval has ended; their next interval starts now.
    mutating func takeDue(at now: Instant) -> [PublishedEvent] {
        var due: [PublishedEvent] = []
        for index in self.entries.indices {
            guard self.entries[index].intervalEndsAt <= now, let event = self.entries[index].latest else { continue }
            due.append(event)
            self.entries[index].latest = nil
            self.entries[index].intervalEndsAt = now + self.interval
        }
        return due
    }
}
