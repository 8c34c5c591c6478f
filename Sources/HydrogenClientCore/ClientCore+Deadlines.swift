import HydrogenProtocol

/// Time.
extension ClientCore {
    /// When `advance` must be called at the latest; nil: nothing waits for time to pass. It may turn out that nothing
    /// was due.
    package var nextDeadline: Instant? {
        var earliest = self.machine.deadline(self.configuration.lifecycle)
        Self.keepEarlier(&earliest, self.commands.wakeAt)
        guard self.machine.kind.isInService else { return earliest }
        Self.keepEarlier(&earliest, self.acknowledgeAt)
        Self.keepEarlier(&earliest, self.subscriptions.wakeAt)
        return earliest
    }

    /// Does what has become due.
    package mutating func advance(to now: Instant) {
        self.lookAtCommands(at: now)
        if self.machine.kind.isInService {
            if let due = self.acknowledgeAt, due <= now { self.sendAcknowledgements() }
            if let due = self.subscriptions.wakeAt, due <= now { self.sendIdleSubscriptions(at: now) }
        }
        if let deadline = self.machine.deadline(self.configuration.lifecycle), deadline <= now {
            self.step(.deadlineReached, at: now)
        }
    }

    private static func keepEarlier(_ earliest: inout Instant?, _ other: Instant?) {
        guard let other else { return }
        if let known = earliest, known <= other { return }
        earliest = other
    }
}
