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
        encoder.append(self.sessions)
        encoder.append(self.subscriptions)
        encoder.append(self.removedSubscriptions)
        encoder.append(self.events.count)
        for event in self.events { encoder.append(RecordedEvent(event)) }
        encoder.append(self.rows.count)
        for row in self.rows { row.encode(to: &encoder) }
        encoder.append(self.settlements.count)
        for settlement in self.settlements { settlement.encode(to: &encoder) }
        encoder.append(self.retained)
        encoder.append(self.publishKeys)
        encoder.append(self.endedSessions.count)
        for key in self.endedSessions { encoder.append(key.bits) }
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
        for gap in self.gaps ?? [] {
            encoder.append(signed: gap.lowerBound)
            encoder.append(signed: gap.upperBound)
        }
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
