import HydrogenProtocol

@testable import HydrogenShard

/// What a store is to make of batches, in the plainest way: the tests' own, in memory.
final class ModelStore {
    private struct RetainedName: Hashable {
        var channel: Int
        var action: [UInt8]
    }

    private var sessions: [SessionKey: StoredSession] = [:]
    /// In the order in which they began.
    private var order: [SessionKey] = []
    private var subscriptions: [StoredSubscription.Name: StoredSubscription] = [:]
    private var events: [EventID: PublishedEvent] = [:]
    private(set) var rows: [SessionKey: [Int64: OutboxRow]] = [:]
    private var retained: [RetainedName: EventID] = [:]
    private var keys: [PublishKey: StoredPublishKey] = [:]

    var sessionCount: Int { self.sessions.count }
    var rowCount: Int { self.rows.values.reduce(0) { $0 + $1.count } }
    var subscriptionCount: Int { self.subscriptions.count }

    func commit(_ batch: StoreBatch) {
        for session in batch.sessions {
            if self.sessions[session.key] == nil { self.order.append(session.key) }
            self.sessions[session.key] = session
        }
        for subscription in batch.subscriptions { self.subscriptions[subscription.name] = subscription }
        for name in batch.removedSubscriptions { self.subscriptions[name] = nil }
        for event in batch.events { self.events[event.id] = event }
        for row in batch.rows where self.sessions[row.session] != nil {
            self.rows[row.session, default: [:]][row.offset] = row
        }
        for settlement in batch.settlements {
            self.rows[settlement.session] = self.rows[settlement.session]?.filter { offset, _ in
                offset > settlement.through && !settlement.others.contains(offset)
            }
            self.sessions[settlement.session]?.lastOffset = settlement.lastOffset
            if let gaps = settlement.gaps { self.sessions[settlement.session]?.gaps = gaps }
        }
        for id in batch.retained {
            guard let event = self.events[id] else { continue }
            let name = RetainedName(channel: event.channel, action: event.action)
            let known = self.retained[name].flatMap { self.events[$0]?.sequence } ?? 0
            if event.sequence > known { self.retained[name] = id }
        }
        for key in batch.publishKeys { self.keys[key.key] = key }
        for key in batch.endedSessions {
            self.sessions[key] = nil
            self.order.removeAll { $0 == key }
            self.rows[key] = nil
            for name in self.subscriptions.keys where name.session == key { self.subscriptions[name] = nil }
        }
    }

    func restored(loopCount: Int, losing lost: Set<EventID> = []) -> [RestoredState] {
        var states = Array(repeating: RestoredState(), count: loopCount)
        for key in self.order {
            guard let session = self.sessions[key],
                let home = SessionID.home(of: Array(session.id.utf8).span, loopCount: loopCount)
            else { continue }
            var restored = RestoredSession(session: session)
            restored.subscriptions = self.subscriptions.values.filter { $0.name.session == key }
                .sorted { $0.name.number < $1.name.number }
            for (offset, row) in (self.rows[key] ?? [:]).sorted(by: { $0.key < $1.key }) {
                guard let event = self.events[row.event], !lost.contains(row.event) else {
                    restored.lost.append(offset)
                    continue
                }
                restored.rows.append(
                    .init(offset: offset, event: event, priority: row.priority, isRetained: row.isRetained))
            }
            states[home].sessions.append(restored)
        }
        let retained = self.retained.values.compactMap { self.events[$0] }.sorted { $0.sequence < $1.sequence }
        for loop in 0..<loopCount {
            states[loop].retained = retained
            states[loop].publishKeys = self.keys.values.filter { $0.key.home(loopCount: loopCount) == loop }
                .sorted { $0.until < $1.until }
        }
        return states
    }
}
