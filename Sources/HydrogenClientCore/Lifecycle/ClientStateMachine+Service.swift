import HydrogenProtocol

/// From the 101 into service, signs of life, and breaches of the contract.
extension ClientStateMachine {
    mutating func sessionReceived(canResume: Bool, at now: Instant) -> Action {
        switch self.kind {
        case .greeting:
            guard canResume else { return self.beginService(isResumed: false, at: now) }
            self.kind = .resuming
            return .sendResume
        case .closing:
            return .ignored(.whileClosing)
        case .connecting:
            return self.unreachable(.beforeOpened)
        case .resuming, .connected, .probing:
            return self.unreachable(.sessionTwice)
        case .stopped, .waiting:
            return self.unreachable(.noTransport)
        }
    }

    mutating func resumeAccepted(at now: Instant) -> Action {
        switch self.kind {
        case .resuming:
            return self.beginService(isResumed: true, at: now)
        case .closing:
            return .ignored(.whileClosing)
        case .connecting:
            return self.unreachable(.beforeOpened)
        case .greeting, .connected, .probing:
            return self.unreachable(.resumeNotAsked)
        case .stopped, .waiting:
            return self.unreachable(.noTransport)
        }
    }

    mutating func resumeRefused(isRetryable: Bool, _ retryAfter: Interval?, at now: Instant) -> Action {
        switch self.kind {
        case .resuming:
            // The session is gone; the fresh one takes its place.
            guard isRetryable else { return self.beginService(isResumed: false, at: now) }
            // The session may still be there: ask again over another connection. The close ends the fresh one alone.
            self.beginClosing(comesBack: true, isAborted: false, at: now)
            self.wakeAt = now + (retryAfter ?? .zero)
            return .close(.normal)
        case .closing:
            return .ignored(.whileClosing)
        case .connecting:
            return self.unreachable(.beforeOpened)
        case .greeting, .connected, .probing:
            return self.unreachable(.resumeNotAsked)
        case .stopped, .waiting:
            return self.unreachable(.noTransport)
        }
    }

    private mutating func beginService(isResumed: Bool, at now: Instant) -> Action {
        self.kind = .connected
        self.since = now
        self.lastReceivedAt = now
        return .beginService(isResumed: isResumed)
    }

    mutating func received(at now: Instant) -> Action {
        switch self.kind {
        case .connected:
            self.lastReceivedAt = now
            return .none
        case .probing:
            self.lastReceivedAt = now
            self.kind = .connected
            return .none
        case .greeting, .resuming:
            // `connectTimeout` runs here, whatever is heard.
            return .none
        case .closing:
            return .ignored(.whileClosing)
        case .connecting:
            return self.unreachable(.beforeOpened)
        case .stopped, .waiting:
            return self.unreachable(.noTransport)
        }
    }

    mutating func violationFound(at now: Instant) -> Action {
        switch self.kind {
        case .greeting, .resuming, .connected, .probing:
            self.end = .violation
            self.beginClosing(comesBack: false, isAborted: false, at: now)
            return .close(.protocolError)
        case .closing:
            return .ignored(.whileClosing)
        case .connecting:
            return self.unreachable(.beforeOpened)
        case .stopped, .waiting:
            return self.unreachable(.noTransport)
        }
    }
}
