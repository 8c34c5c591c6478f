import HydrogenConnection
import HydrogenProtocol

extension Shard {
    /// Appends the frame of a connection's sending to `batch`: what is shared, and the tail that is this receiver's own.
    /// One that is settled by now needs no frame.
    mutating func compose(_ index: Int, slot: Int, at now: Moment) {
        guard let sending = self.connections[slot].sendings[index], self.isDue(sending, slot: slot) else {
            return self.composed.append(0)
        }
        switch sending.content {
        case .event(let event):
            self.tail.removeAll(keepingCapacity: true)
            EnvelopeWriter.appendEventTail(sending.tail, to: &self.tail)
            let count = event.body.count + self.tail.count
            FrameHeader.append(.text, payloadCount: count, to: &self.batch)
            self.batch.append(contentsOf: event.body)
            self.batch.append(contentsOf: self.tail)
            self.composed.append(count)
        case .gap(let from):
            self.composeGap(from: self.firstMissing(from, sending.offset, slot: slot), to: sending.offset, at: now)
        }
    }

    /// Whether a sending still has to be written.
    private func isDue(_ sending: Sending, slot: Int) -> Bool {
        let session = self.connections[slot].session
        // What a session of another loop has settled meanwhile is known there alone; once too often does no harm.
        guard session != SessionTable.none else { return true }
        guard case .event = sending.content else {
            return self.sessions[session].outbox.gaps.gap(at: sending.offset) != nil
        }
        return self.sessions[session].outbox.holds(sending.offset)
    }

    /// Where a gap begins by now: what was acknowledged meanwhile is none.
    private func firstMissing(_ from: Int64, _ to: Int64, slot: Int) -> Int64 {
        let session = self.connections[slot].session
        guard session != SessionTable.none else { return from }
        return max(from, self.sessions[session].outbox.gaps.gap(at: to)?.from ?? from)
    }

    /// The event `system/gap`: offsets that will never be delivered.
    private mutating func composeGap(from: Int64, to: Int64, at now: Moment) {
        var data: [UInt8] = []
        data.append("{\"from\":")
        data.append(decimal: from)
        data.append(",\"to\":")
        data.append(decimal: to)
        data.append(UInt8(ascii: "}"))
        self.eventNumber += 1
        let id = EventID(origin: self.eventOrigin, loop: UInt32(self.loop), number: self.eventNumber)
        self.tail.removeAll(keepingCapacity: true)
        self.writer.appendEvent(
            to: &self.tail, id: id.text.utf8.span, channel: "system".utf8.span, action: "gap".utf8.span,
            data: data.span, at: now.wall)
        EnvelopeWriter.appendEventTail(EventTail(), to: &self.tail)
        FrameHeader.append(.text, payloadCount: self.tail.count, to: &self.batch)
        self.batch.append(contentsOf: self.tail)
        self.composed.append(self.tail.count)
    }

    /// The transport took the first sending of a connection.
    /// - Parameter payloadCount: the size that it was composed with.
    mutating func sendingTaken(_ payloadCount: Int, slot: Int, at now: Instant) {
        guard let sending = self.connections[slot].sendings.popFirst(), payloadCount > 0 else { return }
        self.counters.add(self.metrics.sent[ShardMetrics.SentType.event.rawValue])
        self.connections[slot].sentCount += 1
        self.counters.add(self.metrics.sentBytes[0], Int64(payloadCount))
        guard case .event(let event) = sending.content else { return }
        if sending.attempt == 1 {
            self.counters.add(self.metrics.deliveries[ShardMetrics.DeliveryOutcome.sent.rawValue])
            self.counters.observe(self.metrics.deliveryLatency, nanoseconds: (now - event.publishedAt).nanoseconds)
        } else {
            self.counters.add(self.metrics.deliveries[ShardMetrics.DeliveryOutcome.retried.rawValue])
        }
        let session = self.connections[slot].session
        if session == SessionTable.none {
            self.note(on: slot) {
                $0.written.append(.init(offset: sending.offset, attempt: sending.attempt, at: now))
            }
        } else {
            self.written(sending.offset, attempt: Int(sending.attempt), of: session, at: now)
        }
    }

    /// Writes some of the sendings of a connection that reads slowly.
    /// - Returns: whether more can be tried.
    mutating func writeSendings(
        _ slot: Int, _ id: ConnectionID, at now: Moment, _ write: (Span<UInt8>) -> WriteOutcome
    ) -> Bool {
        self.batch.removeAll(keepingCapacity: true)
        self.composed.removeAll(keepingCapacity: true)
        while let next = self.connections[slot].sendings[self.composed.count],
            self.batch.isEmpty || self.batch.count + next.byteCount <= Self.maximumBatchByteCount
        {
            self.compose(self.composed.count, slot: slot, at: now)
        }
        let outcome = self.batch.isEmpty ? .taken : write(self.batch.span)
        switch outcome {
        case .taken:
            for index in self.composed.indices { self.sendingTaken(self.composed[index], slot: slot, at: now.instant) }
            return true
        case .choked:
            self.requestWritable(slot, id)
            return false
        case .failed:
            return false
        }
    }

    /// Whether what waits for a slow reader goes on with its sendings: guaranteed events before others of the same
    /// priority, since their window bounds them, but for what is critical, as responses are.
    func areSendingsNext(_ slot: Int) -> Bool {
        let sendings = self.connections[slot].sendings
        guard !sendings.isEmpty else { return false }
        guard let waiting = self.connections[slot].backlog?.mostUrgent else { return true }
        guard waiting != .critical else { return false }
        for index in 0..<sendings.count {
            if let sending = sendings[index], sending.priority <= waiting { return true }
        }
        return false
    }
}
