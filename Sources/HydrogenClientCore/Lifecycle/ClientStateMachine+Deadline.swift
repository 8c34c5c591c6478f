import HydrogenProtocol

/// Time-outs: when the machine wants to be woken, and what it does then.
extension ClientStateMachine {
    /// The instant at which `deadlineReached` is to be handed in; nil when nothing is waited for.
    package func deadline(_ settings: Settings) -> Instant? {
        switch self.kind {
        case .connecting, .greeting, .resuming: self.since + settings.connectTimeout
        case .connected: settings.pingInterval == .zero ? nil : self.lastReceivedAt + settings.pingInterval
        case .probing, .waiting: self.wakeAt
        case .closing: self.marks.contains(.aborted) ? nil : self.since + settings.closeTimeout
        case .stopped: nil
        }
    }

    mutating func deadlineReached(at now: Instant, _ settings: Settings) -> Action {
        guard let deadline = self.deadline(settings) else { return .ignored(.nothingArmed) }
        guard deadline <= now else { return .ignored(.notYetDue) }
        switch self.kind {
        case .connecting, .greeting, .resuming, .probing:
            if self.kind == .probing, now - self.since >= settings.stableAfter { self.attempt = 0 }
            self.beginClosing(comesBack: true, isAborted: true, at: now)
            return .abort
        case .connected:
            self.kind = .probing
            self.wakeAt = now + settings.pingTimeout
            return .sendPing
        case .closing:
            self.marks.insert(.aborted)
            return .abort
        case .waiting:
            return self.connect(at: now)
        case .stopped:
            return .ignored(.nothingArmed)
        }
    }
}
