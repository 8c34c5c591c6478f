import HydrogenProtocol

/// Entries of outboxes that wait for the store.
extension Shard {
    /// An entry is committed, or is not to be.
    mutating func decide(_ offset: Int64, of session: UInt32, isCommitted: Bool) {
        guard self.sessions[session].outbox.isUndecided(offset) else { return }
        let isDoomed = self.sessions[session].outbox.isDoomed(offset)
        guard isCommitted else {
            guard self.sessions[session].outbox.abort(offset) else { return }
            return self.note(session) { changes in
                changes.isRecord = true
                changes.isOutbox = true
                changes.settledAbove.append(offset)
            }
        }
        self.sessions[session].outbox.commit(offset)
        if let stage = self.store?.records[Int(session)].stage, stage != .stored {
            self.note(session) { $0.repeatedRows.append(offset) }
        }
        self.counters.add(self.metrics.outboxEnqueued[0])
        self.counters.add(self.metrics.outboxEvents[0])
        if isDoomed { self.giveUp(offset, of: session) }
    }

    /// An event was committed for a session that has ended meanwhile.
    mutating func countExpired() {
        self.counters.add(self.metrics.outboxEnqueued[0])
        self.counters.add(self.metrics.deliveries[ShardMetrics.DeliveryOutcome.expired.rawValue])
    }

    /// A retained event is to survive.
    mutating func storeRetained(_ event: PublishedEvent) {
        guard let waiting = self.store?.retained else { return }
        // While the store fails, others take the place of some that wait.
        if waiting.count > 2 * self.configuration.maxRetained + 16 {
            self.store?.retained = waiting.filter { self.retained.holds($0) }
        }
        self.store?.retained.append(event)
    }
}
