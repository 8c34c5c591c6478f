import HydrogenProtocol

extension Shard {
    /// An ack: by the id of an event, or by an offset, which stands for all before it too.
    mutating func ackReceived(_ envelope: Envelope, _ bytes: Span<UInt8>, slot: Int, at now: Moment) {
        if let refusal = self.tokenRefusal(envelope, bytes, slot: slot) {
            return self.refuse(
                Answerable(envelope), bytes, ResponseError(refusal), channel: nil, slot: slot, at: now)
        }
        let session = self.connections[slot].session
        if let offset = envelope.offset {
            guard session == SessionTable.none else { return self.ack(through: offset, of: session) }
            self.note(on: slot) { $0.ackedThrough = max($0.ackedThrough ?? 0, offset) }
        } else if let id = envelope.id?.withBytes(in: bytes, { EventID($0) }) {
            guard session == SessionTable.none else { return self.ack(id, of: session) }
            let maximum = 2 * self.configuration.delivery.window
            self.note(on: slot) { report in
                // More than that names nothing new; what it names all the same is sent again.
                if report.ackedIDs.count < maximum { report.ackedIDs.append(id) }
            }
        } else {
            self.counters.add(self.metrics.staleReferences[0])
        }
    }

    /// Everything up to an offset is processed. One that was never given out is ignored, and counted.
    mutating func ack(through offset: Int64, of session: UInt32) {
        guard offset <= self.sessions[session].outbox.last else {
            self.counters.add(self.metrics.staleReferences[0])
            return
        }
        self.settle(through: KnownBug.ackFreesTheNextToo.isLoose ? offset + 1 : offset, of: session)
        self.pump(session)
    }

    /// What was given out up to an offset is acknowledged.
    mutating func settle(through offset: Int64, of session: UInt32) {
        while self.sessions[session].outbox.count > 0, self.sessions[session].outbox.first <= offset {
            self.settle(self.sessions[session].outbox.first, of: session, .acked)
        }
        guard !self.sessions[session].outbox.gaps.isEmpty else { return }
        self.sessions[session].outbox.gaps.acked(through: offset)
        self.note(session) { changes in
            changes.isRecord = true
            // Or else a restart takes them for offsets that were never committed.
            changes.isOutbox = true
        }
    }

    /// One event is processed. An ack of an event that this session does not wait for is a late one: it is counted, and
    /// harms nothing.
    mutating func ack(_ id: EventID, of session: UInt32) {
        guard let offset = self.sessions[session].outbox.offset(of: id) else {
            self.counters.add(self.metrics.staleReferences[0])
            return
        }
        self.settle(offset, of: session, .acked)
        if !self.sessions[session].outbox.gaps.isEmpty {
            let known = self.sessions[session].outbox.gaps.acked(offset)
            self.note(session) { changes in
                changes.isRecord = true
                for gap in known { changes.settledAbove += gap }
            }
        }
        self.pump(session)
    }
}
