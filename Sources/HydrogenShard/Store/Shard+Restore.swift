import HydrogenCrypto
import HydrogenProtocol

extension Shard {
    /// What the store has kept: handed in after the first entropy and before anything else happens, in one piece or
    /// several. Sessions wait for their clients as if they had just been lost.
    package mutating func restore(_ state: RestoredState, at now: Moment) {
        for event in state.retained {
            self.retained.set(event)
            self.ledger.raisePublishSequence(to: event.sequence)
        }
        for key in state.publishKeys where !KnownBug.restoreForgetsKeys.isLoose {
            let left = key.until.milliseconds - now.wall.milliseconds
            guard left > 0 else { continue }
            let lifetime = min(.milliseconds(left), PublishKeyTable.lifetime)
            self.publishKeys.restore(key.key, for: key.event, until: now.instant + lifetime)
        }
        for session in state.sessions { self.restore(session, at: now) }
    }

    private mutating func restore(_ restored: RestoredSession, at now: Moment) {
        let stored = restored.session
        let count = Int64(restored.rows.count + restored.lost.count)
        // What a restart restores counts as put into an outbox.
        self.counters.add(self.metrics.outboxEnqueued[0], count)
        guard let grant = self.keys.grant(restoring: stored.keyDigest, identity: stored.identity, at: now.wall) else {
            // Nobody could resume it any more.
            self.counters.add(self.metrics.deliveries[ShardMetrics.DeliveryOutcome.expired.rawValue], count)
            self.store?.endedSessions.append(stored.key)
            return
        }
        var session = Session(
            id: stored.id, tokens: SessionTokens(restoring: stored.tokens), grant: grant, attachment: .lost)
        session.nextSubscriptionNumber = stored.nextSubscriptionNumber
        session.outbox = self.outbox(of: restored)
        self.counters.add(self.metrics.outboxEvents[0], Int64(restored.rows.count))
        self.counters.add(
            self.metrics.deliveries[ShardMetrics.DeliveryOutcome.dead.rawValue], Int64(restored.lost.count))
        let slot = self.sessions.insert(session)
        self.store?.begin(slot, stored.key, .stored)
        for subscription in restored.subscriptions { self.restore(subscription, of: slot) }
        // Gaps that were found only now are to be there after the next restart too, whatever is settled until then.
        if !restored.session.gaps.isEmpty || !restored.lost.isEmpty {
            self.note(slot) { changes in
                changes.isRecord = true
                changes.isOutbox = !restored.lost.isEmpty
                changes.settledAbove = restored.lost
            }
        }
        self.giveUpSurplus(of: slot)
        self.countSessions(.live, 1)
        self.detach(slot, at: now)
    }

    /// The server may have ended before the store knew what gave way to a newer event; and bounds may be lower now.
    private mutating func giveUpSurplus(of session: UInt32) {
        let delivery = self.configuration.delivery
        while self.sessions[session].outbox.count > 1, let oldest = self.sessions[session].outbox.oldest,
            self.sessions[session].outbox.count > delivery.maxOutboxEvents
                || self.sessions[session].outbox.byteCount > delivery.maxOutboxBytes
        { self.giveUp(oldest, of: session) }
    }

    private func outbox(of restored: RestoredSession) -> Outbox {
        // The last one given out may be known from a row, from a gap, or, where all are settled, from the session alone.
        let last = max(
            restored.session.lastOffset, restored.rows.last?.offset ?? 0, restored.lost.last ?? 0,
            restored.session.gaps.last?.upperBound ?? 0)
        var outbox = Outbox()
        outbox.restore(first: restored.rows.first?.offset ?? last + 1, last: last)
        for row in restored.rows {
            outbox.restore(
                row.offset, row.event, row.priority, isRetained: row.isRetained,
                maxAttempts: self.configuration.delivery.maxAttempts)
        }
        if KnownBug.restoreForgetsGaps.isLoose { return outbox }
        for gap in restored.session.gaps { outbox.gaps.restore(gap) }
        for offset in restored.lost { outbox.gaps.add(offset, nextSending: outbox.first) }
        return outbox
    }

    private mutating func restore(_ stored: StoredSubscription, of session: UInt32) {
        var request = SubscribeRequest()
        request.topic = stored.topic
        request.filter = stored.filter
        request.isGuaranteed = stored.isGuaranteed
        request.priority = stored.priority
        request.conflateInterval = stored.conflateInterval
        request.conflateBy = stored.conflateBy
        let pattern: TopicPattern
        let filter: Filter?
        do throws(InvalidData) {
            pattern = try Self.pattern(request.topic)
            filter = try Self.filter(request.filter)
        } catch {
            // Both were checked when it was made; a later version may be stricter.
            return self.note(session) { $0.removeSubscription(stored.name.number) }
        }
        self.add(request, pattern, filter, number: stored.name.number, channel: stored.channel, to: session)
    }
}
