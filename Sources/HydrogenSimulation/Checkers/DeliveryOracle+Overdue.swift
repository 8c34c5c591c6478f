import HydrogenProtocol

/// What should have been written by now.
extension DeliveryOracle {
    /// The longest wait for an ack that doubling leads to.
    private static let longestWait = Interval.seconds(60)

    /// What one session waits for in vain.
    /// - Parameter heldUpAt: when its link waited for its socket last.
    func overdue(_ number: UInt32, heldUpAt: Int64, _ publishes: PublishLog, at now: Instant) -> String? {
        guard let session = self[number], session.link != LinkTable.none, !session.mayBeOver else { return nil }
        let latest = now.nanoseconds - Self.patience.nanoseconds
        for entry in session.written where entry.at > heldUpAt && entry.at < Int64.max {
            guard entry.at + self.ackWait(entry.attempt).nanoseconds < latest else { continue }
            return Int(entry.attempt) < self.settings.maxAttempts
                ? "offset \(entry.offset) is not acknowledged and does not come again"
                : "offset \(entry.offset) was sent \(entry.attempt) times and is no dead letter"
        }
        // What is not acknowledged may fill the window, and what waited for it may be on its way.
        let settledAt = session.ackedAt + Self.ackWay.nanoseconds
        guard session.written.isEmpty, settledAt < now.nanoseconds, session.since < latest, heldUpAt < latest
        else { return nil }
        for owed in session.owed where owed.since < latest && !owed.isWritten {
            guard let publish = publishes[owed.publish], publish.isAccepted, publish.acceptedAt < latest,
                !session.dead.contains(publish.eventHash)
            else { continue }
            return "event \(owed.publish) was accepted and does not come"
        }
        return nil
    }

    private func ackWait(_ attempt: Int32) -> Interval {
        guard self.settings.ackTimeout < Self.longestWait else { return self.settings.ackTimeout }
        var wait = self.settings.ackTimeout
        for _ in 1..<max(attempt, 1) where wait < Self.longestWait { wait = wait * 2 }
        return min(wait, Self.longestWait)
    }

    /// What a client that is served again has never got.
    func missing(_ id: [UInt8], _ publishes: PublishLog, at now: Instant) -> String? {
        guard let session = self[self.number(of: id)], !session.mayBeOver else { return nil }
        let latest = now.nanoseconds - Self.patience.nanoseconds
        for owed in session.owed where owed.since < latest {
            guard let publish = publishes[owed.publish], publish.isAccepted, publish.acceptedAt < latest,
                !session.dead.contains(publish.eventHash)
            else { continue }
            return "event \(owed.publish) was accepted and never came"
        }
        return nil
    }
}
