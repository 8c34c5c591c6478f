import HydrogenProtocol
import HydrogenShard

/// What a server finds again at its start.
extension DurableContent {
    /// By loop.
    func restored(loopCount: Int, at now: Moment) -> [RestoredState] {
        var states = Array(repeating: RestoredState(), count: loopCount)
        // Rows of the same event share one value.
        var events: [EventID: PublishedEvent] = [:]
        func restored(_ id: EventID) -> PublishedEvent? {
            if let known = events[id] { return known }
            events[id] = self.event(id).map { Self.copy($0, at: now.instant) }
            return events[id]
        }
        for key in self.order {
            guard let session = self[key],
                let home = SessionID.home(of: session.stored.id.utf8.span, loopCount: loopCount)
            else { continue }
            states[home].sessions.append(Self.restored(session, restored))
        }
        let retained = self.retained.sorted { $0.sequence < $1.sequence }.compactMap { restored($0.id) }
        for loop in states.indices { states[loop].retained = retained }
        for key in Self.sorted(self.publishKeys) where key.until > now.wall {
            states[key.key.home(loopCount: loopCount)].publishKeys.append(key)
        }
        return states
    }

    private static func restored(_ session: Session, _ event: (EventID) -> PublishedEvent?) -> RestoredSession {
        var restored = RestoredSession(session: session.stored, subscriptions: session.subscriptions)
        var settled: [Int64] = []
        for row in session.rows {
            guard let id = row.event else {
                settled.append(row.offset)
                continue
            }
            restored.session.lastOffset = max(restored.session.lastOffset, row.offset)
            guard let event = event(id) else {
                restored.lost.append(row.offset)
                continue
            }
            restored.rows.append(
                .init(offset: row.offset, event: event, priority: row.priority, isRetained: row.isRetained))
        }
        restored.findHoles(settledThrough: session.settledThrough, settled: settled)
        return restored
    }

    /// By their end; of those that end together, the one that was written first.
    private static func sorted(_ keys: [StoredPublishKey]) -> [StoredPublishKey] {
        keys.enumerated().sorted { ($0.element.until, $0.offset) < ($1.element.until, $1.offset) }.map(\.element)
    }

    private static func copy(_ event: PublishedEvent, at now: Instant) -> PublishedEvent {
        PublishedEvent(
            restoring: event.id, channel: event.channel, action: event.action, body: event.body, data: event.data,
            priority: event.priority, isRetained: event.isRetained, isGuaranteed: event.isGuaranteed,
            audience: event.audience, sequence: event.sequence, at: now)
    }
}
