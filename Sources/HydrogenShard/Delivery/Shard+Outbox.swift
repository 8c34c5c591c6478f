import HydrogenConnection
import HydrogenProtocol

extension Shard {
    /// How much of an outbox is sent and unacknowledged at a time.
    var window: Outbox.Window {
        let delivery = self.configuration.delivery
        return Outbox.Window(
            eventCount: delivery.window, byteCount: self.configuration.maxSendQueueBytes / 2,
            span: Int64(max(delivery.maxOutboxEvents, delivery.window)))
    }

    /// Keeps an event for a session until it is acknowledged. An outbox at its bound gives up its oldest event for it.
    mutating func keep(
        _ event: PublishedEvent, for session: UInt32, _ priority: Priority, isRetained: Bool, at now: Moment
    ) {
        self.makeRoom(for: event, in: session)
        let isDurable = self.store != nil
        let offset = self.sessions[session].outbox.append(
            event, priority, isRetained: isRetained, isCommitted: !isDurable)
        if isDurable {
            let row = StoreLog.OwnRow(session: self.sessions.reference(session), offset: offset)
            if self.preparing != nil { self.preparing?.rows.append(row) } else { self.store?.ownRows.append(row) }
        } else {
            self.counters.add(self.metrics.outboxEnqueued[0])
            self.counters.add(self.metrics.outboxEvents[0])
            self.pump(session)
        }
    }

    private mutating func makeRoom(for event: PublishedEvent, in session: UInt32) {
        let delivery = self.configuration.delivery
        while self.sessions[session].outbox.count > 0 {
            let isFull = self.sessions[session].outbox.count >= delivery.maxOutboxEvents
                || self.sessions[session].outbox.byteCount + event.byteCount > delivery.maxOutboxBytes
            guard isFull, let oldest = self.sessions[session].outbox.oldest else { return }
            if self.sessions[session].outbox.isUndecided(oldest) {
                self.sessions[session].outbox.doom(oldest)
            } else {
                self.giveUp(oldest, of: session)
            }
        }
    }

    /// Hands the connection of a session what its window has room for.
    mutating func pump(_ session: UInt32) {
        guard self.canSend(session) else { return }
        let (window, maxAttempts) = (self.window, self.configuration.delivery.maxAttempts)
        while true {
            switch self.sessions[session].outbox.handOver(within: window, maxAttempts: maxAttempts) {
            case .nothing: return
            case .sending(let sending): self.send(sending, of: session)
            case .spent(let offset): self.giveUp(offset, of: session)
            }
        }
    }

    /// Whether a session has a connection that takes its outbox.
    func canSend(_ session: UInt32) -> Bool {
        switch self.sessions[session].attachment {
        case .here(let id):
            guard let slot = self.connections.slot(of: id) else { return false }
            return self.connections[slot].machine.canQueue(.critical, isGuaranteed: true)
        case .away: return true
        case .detached, .held: return false
        }
    }

    /// Hands a sending to the connection of a session.
    mutating func send(_ sending: Sending, of session: UInt32) {
        switch self.sessions[session].attachment {
        case .here(let id):
            if let slot = self.connections.slot(of: id) { self.enqueue(sending, slot: slot) }
        case .away(let connection):
            self.links.append(
                .sending(sending, self.attachmentName(of: session), connection.id), to: connection.loop)
        case .detached, .held: return
        }
    }

    /// Queues a sending. A connection that keeps up writes it at its place among the frames of this pass; one that does
    /// not, when its turn comes.
    mutating func enqueue(_ sending: Sending, slot: Int) {
        let priority = sending.priority
        self.connections[slot].sendings.append(sending)
        guard self.connections[slot].backlog == nil else { return }
        self.enqueue(.empty, .guaranteed, priority, slot: slot)
    }

    /// An event of a session is settled: what became of it is counted, and the window may have room.
    mutating func settle(_ offset: Int64, of session: UInt32, _ outcome: ShardMetrics.DeliveryOutcome) {
        self.sessions[session].outbox.settle(offset)
        if self.store != nil { self.noteSettled(offset, of: session) }
        self.counters.add(self.metrics.deliveries[outcome.rawValue])
        self.counters.add(self.metrics.outboxEvents[0], -1)
    }

    private mutating func noteSettled(_ offset: Int64, of session: UInt32) {
        let isAbove = offset > self.sessions[session].outbox.first
        self.store?.note(session) { changes in
            changes.isOutbox = true
            if isAbove { changes.settledAbove.append(offset) }
        }
    }

    /// The connection of a session is gone: what it had of the outbox waits for the next one.
    mutating func returnSendings(of session: UInt32) {
        self.sessions[session].outbox.detach()
        self.ackDeadlines.set(nil, for: session)
    }

    /// The session ends: what it had not acknowledged expires.
    mutating func expireOutbox(of session: UInt32) {
        let count = Int64(self.sessions[session].outbox.committedCount)
        self.counters.add(self.metrics.deliveries[ShardMetrics.DeliveryOutcome.expired.rawValue], count)
        self.counters.add(self.metrics.outboxEvents[0], -count)
        self.sessions[session].outbox = Outbox()
        self.ackDeadlines.set(nil, for: session)
    }
}
