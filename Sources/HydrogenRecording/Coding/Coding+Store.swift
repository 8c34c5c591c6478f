import HydrogenCrypto
import HydrogenProtocol
import HydrogenShard

extension StoreAnswer: Recordable {
    func encode(to encoder: inout RecordingEncoder) {
        encoder.append(self.ticket)
        encoder.append(self.isStored)
        encoder.append(self.commit)
    }

    init(from decoder: inout RecordingDecoder) throws(RecordingFault) {
        self.init(ticket: try decoder.number(), isStored: try decoder.flag(), commit: try decoder.optional())
    }
}

extension StoreBatch {
    /// All of it, for the digest.
    func encode(to encoder: inout RecordingEncoder) {
        encoder.append(self.loop)
        encoder.append(self.ticket)
        encoder.append(self.sessions.count)
        for session in self.sessions { session.encode(to: &encoder) }
        encoder.append(self.subscriptions.count)
        for subscription in self.subscriptions { subscription.encode(to: &encoder) }
        encoder.append(self.removedSubscriptions.count)
        for name in self.removedSubscriptions { name.encode(to: &encoder) }
        encoder.append(self.events.count)
        for event in self.events { encoder.append(RecordedEvent(event)) }
        encoder.append(self.rows.count)
        for row in self.rows { row.encode(to: &encoder) }
        encoder.append(self.settlements.count)
        for settlement in self.settlements { settlement.encode(to: &encoder) }
        encoder.append(self.retained)
        encoder.append(self.publishKeys.count)
        for key in self.publishKeys { key.encode(to: &encoder) }
        encoder.append(self.endedSessions.count)
        for key in self.endedSessions { encoder.append(key.bits) }
    }
}

extension StoredSession {
    fileprivate func encode(to encoder: inout RecordingEncoder) {
        encoder.append(self.key.bits)
        encoder.append(self.id)
        encoder.append(self.identity)
        encoder.append(self.keyDigest)
        encoder.append(self.tokens)
        encoder.append(self.nextSubscriptionNumber)
        encoder.append(self.gaps.count)
        for gap in self.gaps {
            encoder.append(signed: gap.lowerBound)
            encoder.append(signed: gap.upperBound)
        }
        encoder.append(signed: self.lastOffset)
    }
}

extension StoredSubscription {
    fileprivate func encode(to encoder: inout RecordingEncoder) {
        self.name.encode(to: &encoder)
        encoder.append(self.channel)
        encoder.append(self.topic)
        encoder.append(self.filter)
        encoder.append(self.isGuaranteed)
        encoder.append(self.priority)
        encoder.append(self.conflateInterval)
        encoder.append(self.conflateBy)
    }
}

extension StoredSubscription.Name {
    fileprivate func encode(to encoder: inout RecordingEncoder) {
        encoder.append(self.session.bits)
        encoder.append(self.number)
    }
}

extension OutboxRow {
    fileprivate func encode(to encoder: inout RecordingEncoder) {
        encoder.append(self.session.bits)
        encoder.append(signed: self.offset)
        encoder.append(self.event)
        encoder.append(self.priority)
        encoder.append(self.isRetained)
    }
}

extension OutboxSettlement {
    fileprivate func encode(to encoder: inout RecordingEncoder) {
        encoder.append(self.session.bits)
        encoder.append(signed: self.through)
        encoder.append(self.others.count)
        for offset in self.others { encoder.append(signed: offset) }
        encoder.append(signed: self.lastOffset)
    }
}

extension StoredPublishKey {
    fileprivate func encode(to encoder: inout RecordingEncoder) {
        encoder.append(self.key)
        encoder.append(self.event)
        encoder.append(self.until)
    }
}

extension PreparedAnswer {
    /// All of it, for the digest.
    func encode(to encoder: inout RecordingEncoder) {
        encoder.append(self.rows.count)
        for row in self.rows { row.encode(to: &encoder) }
        encoder.append(self.part != nil)
        if let part = self.part {
            encoder.append(part.loop)
            encoder.append(UInt64(part.slot))
        }
        encoder.append(self.count)
    }
}
