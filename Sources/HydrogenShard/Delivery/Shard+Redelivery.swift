import HydrogenConnection
import HydrogenProtocol

extension Shard {
    /// The longest wait for an ack that doubling leads to.
    private static let longestWait = Interval.seconds(60)

    /// How long the ack of a sending is waited for: twice as long each time, up to a minute. An `AckTimeout` beyond a
    /// minute is not doubled.
    private func ackWait(attempt: Int) -> Interval {
        let timeout = self.configuration.delivery.ackTimeout
        guard timeout < Self.longestWait else { return timeout }
        var wait = timeout
        for _ in 1..<max(attempt, 1) where wait < Self.longestWait { wait = wait * 2 }
        return min(wait, Self.longestWait)
    }

    /// The last byte of a sending was written: its ack is waited for from now on.
    mutating func written(_ offset: Int64, attempt: Int, of session: UInt32, at now: Instant) {
        let dueAt = now + (KnownBug.neverSentAgain.isLoose ? .seconds(86_400) : self.ackWait(attempt: attempt))
        self.sessions[session].outbox.written(offset, dueAt: dueAt)
        // Most sendings are due after one that is waited for already.
        if let armed = self.sessions[session].outbox.ackDeadline, armed <= dueAt { return }
        self.setAckDeadline(dueAt, for: session)
    }

    private mutating func setAckDeadline(_ deadline: Instant?, for session: UInt32) {
        self.sessions[session].outbox.ackDeadline = deadline
        self.ackDeadlines.set(deadline, for: session)
    }

    /// Sends again what was not acknowledged in time.
    mutating func sendAgain(at now: Moment) {
        while let session = self.ackDeadlines.popDue(at: now.instant) {
            self.sessions[session].outbox.ackDeadline = nil
            let inFlight = self.sessions[session].outbox.inFlight
            var earliest: Instant?
            for index in inFlight.indices {
                let offset = inFlight[index]
                guard self.sessions[session].outbox[offset].state == .sent else { continue }
                let dueAt = self.sessions[session].outbox[offset].dueAt
                if dueAt <= now.instant {
                    self.sendAgain(offset, of: session)
                } else {
                    earliest = earliest.map { min($0, dueAt) } ?? dueAt
                }
            }
            self.setAckDeadline(earliest, for: session)
            self.pump(session)
        }
    }

    private mutating func sendAgain(_ offset: Int64, of session: UInt32) {
        guard Int(self.sessions[session].outbox[offset].attempts) < self.configuration.delivery.maxAttempts else {
            return self.giveUp(offset, of: session)
        }
        guard self.canSend(session), let sending = self.sessions[session].outbox.queue(offset) else { return }
        self.send(sending, of: session)
    }
}
