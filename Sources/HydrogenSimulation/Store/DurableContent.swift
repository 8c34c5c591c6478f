import HydrogenProtocol
import HydrogenShard

/// Everything that a durable store holds, as a plain value: what `StoreBatch` promises, without a file.
struct DurableContent {
    struct Session {
        var stored: StoredSession
        var settledThrough: Int64 = 0
        /// In the order of their numbers.
        var subscriptions: [StoredSubscription] = []
        /// In the order of offsets.
        var rows: [Row] = []
    }

    struct Row {
        var offset: Int64
        /// nil: settled, above others that are not.
        var event: EventID?
        var priority = Priority.normal
        var isRetained = false
    }

    /// An event, and how often it is referred to.
    private struct Held {
        var event: PublishedEvent
        var referenceCount = 0
    }

    let maxRetained: Int
    let maxPublishKeys: Int
    /// Looked up only, never walked through.
    private var sessions: [SessionKey: Session] = [:]
    private var events: [EventID: Held] = [:]
    /// The sessions in the order of their beginning.
    private(set) var order: [SessionKey] = []
    /// The last events of their actions, in no order.
    private(set) var retained: [PublishedEvent] = []
    /// In the order in which they were written.
    private(set) var publishKeys: [StoredPublishKey] = []
    private var knownKeys: Set<PublishKey> = []
    /// Events that may have lost their last reference.
    private var loose: [EventID] = []

    init(maxRetained: Int, maxPublishKeys: Int) {
        self.maxRetained = maxRetained
        self.maxPublishKeys = maxPublishKeys
    }

    var eventCount: Int { self.events.count }

    subscript(session: SessionKey) -> Session? { self.sessions[session] }

    func event(_ id: EventID) -> PublishedEvent? { self.events[id]?.event }

    /// One transaction.
    mutating func commit(_ batches: [StoreBatch]) {
        for batch in batches { self.write(batch) }
        self.trimRetained()
        for event in self.loose where self.events[event]?.referenceCount == 0 { self.events[event] = nil }
        self.loose.removeAll(keepingCapacity: true)
    }

    private mutating func write(_ batch: StoreBatch) {
        for session in batch.sessions { self.write(session) }
        for subscription in batch.subscriptions { self.write(subscription) }
        for name in batch.removedSubscriptions {
            self.sessions[name.session]?.subscriptions.removeAll { $0.name == name }
        }
        for event in batch.events where self.events[event.id] == nil {
            self.events[event.id] = Held(event: event)
            self.loose.append(event.id)
        }
        for row in batch.rows { self.write(row) }
        for settlement in batch.settlements { self.settle(settlement) }
        for event in batch.events where batch.retained.contains(event.id) { self.retain(event) }
        for key in batch.publishKeys { self.write(key) }
        for session in batch.endedSessions { self.end(session) }
    }

    private mutating func write(_ session: StoredSession) {
        guard let known = self.sessions[session.key] else {
            self.sessions[session.key] = Session(stored: session)
            self.order.append(session.key)
            return
        }
        self.sessions[session.key]?.stored = session
        self.sessions[session.key]?.stored.lastOffset = max(session.lastOffset, known.stored.lastOffset)
    }

    private mutating func write(_ subscription: StoredSubscription) {
        guard let known = self.sessions[subscription.name.session]?.subscriptions else { return }
        var subscriptions = known.filter { $0.name != subscription.name }
        let place = subscriptions.firstIndex { $0.name.number > subscription.name.number } ?? subscriptions.count
        subscriptions.insert(subscription, at: place)
        self.sessions[subscription.name.session]?.subscriptions = subscriptions
    }

    private mutating func write(_ row: OutboxRow) {
        guard self.events[row.event] != nil, let rows = self.sessions[row.session]?.rows else { return }
        let place = rows.firstIndex { $0.offset >= row.offset } ?? rows.count
        guard place == rows.count || rows[place].offset != row.offset else { return }
        self.sessions[row.session]?.rows.insert(
            Row(offset: row.offset, event: row.event, priority: row.priority, isRetained: row.isRetained), at: place)
        self.events[row.event]?.referenceCount += 1
    }

    private mutating func settle(_ settlement: OutboxSettlement) {
        guard let session = self.sessions[settlement.session] else { return }
        var rows: [Row] = []
        for row in session.rows {
            if row.offset > settlement.through, !settlement.others.contains(row.offset) {
                rows.append(row)
            } else {
                self.removeReference(to: row.event)
            }
        }
        for offset in settlement.others where !rows.contains(where: { $0.offset == offset }) {
            rows.append(Row(offset: offset, event: nil))
        }
        rows.sort { $0.offset < $1.offset }
        self.sessions[settlement.session]?.rows = rows
        if let gaps = settlement.gaps { self.sessions[settlement.session]?.stored.gaps = gaps }
        self.sessions[settlement.session]?.settledThrough = max(session.settledThrough, settlement.through)
        self.sessions[settlement.session]?.stored.lastOffset = max(session.stored.lastOffset, settlement.lastOffset)
    }

    private mutating func retain(_ event: PublishedEvent) {
        let place = self.retained.firstIndex { $0.channel == event.channel && $0.action == event.action }
        if let place {
            guard self.retained[place].sequence < event.sequence else { return }
            self.removeReference(to: self.retained[place].id)
            self.retained.remove(at: place)
        }
        self.retained.append(event)
        self.events[event.id]?.referenceCount += 1
    }

    /// Of the retained events, those with the highest sequence are kept.
    private mutating func trimRetained() {
        guard self.retained.count > self.maxRetained else { return }
        self.retained.sort { $0.sequence > $1.sequence }
        while self.retained.count > self.maxRetained { self.removeReference(to: self.retained.removeLast().id) }
    }

    private mutating func write(_ key: StoredPublishKey) {
        if !self.knownKeys.insert(key.key).inserted { self.publishKeys.removeAll { $0.key == key.key } }
        self.publishKeys.append(key)
    }

    private mutating func end(_ key: SessionKey) {
        guard let session = self.sessions.removeValue(forKey: key) else { return }
        for row in session.rows { self.removeReference(to: row.event) }
        self.order.removeAll { $0 == key }
    }

    private mutating func removeReference(to event: EventID?) {
        guard let event else { return }
        self.events[event]?.referenceCount -= 1
        if self.events[event]?.referenceCount == 0 { self.loose.append(event) }
    }

    /// Forgets keys that are over, and those beyond their bound that end first.
    mutating func keepHouse(at now: WallTime) {
        self.publishKeys.removeAll { $0.until < now }
        let surplus = self.publishKeys.count - self.maxPublishKeys
        if surplus > 0 {
            let ends = self.publishKeys.map(\.until).sorted()
            var left = surplus
            self.publishKeys.removeAll { key in
                guard left > 0, key.until <= ends[surplus - 1] else { return false }
                left -= 1
                return true
            }
        }
        self.knownKeys = Set(self.publishKeys.map(\.key))
    }
}
