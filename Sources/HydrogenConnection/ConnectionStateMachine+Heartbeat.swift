import HydrogenProtocol

/// Signs of life.
extension ConnectionStateMachine {
    mutating func received(at now: Instant) -> Action {
        switch self.kind {
        case .connected:
            if !KnownBug.idleTimerForgotten.isLoose { self.lastReceivedAt = now }
            return .none
        case .heartbeat:
            self.lastReceivedAt = now
            self.enter(.connected, at: now)
            return .none
        case .inactive:
            return self.revived(at: now)
        case .connecting, .verifying:
            return self.dropOnViolation(at: now)
        case .established:
            return self.closeOnViolation(at: now)
        case .closing:
            return .ignored(.afterClose)
        case .failed, .rejected:
            return self.hasTransport ? .ignored(.bytesWhileEnding) : self.unreachable(.afterTransportEnded)
        case .closed, .zombie:
            return self.unreachable(.afterTransportEnded)
        case .freed:
            return self.unreachable(.afterFree)
        }
    }

    /// A pong is a sign of life like any other; only the one that answers the single ping of `heartbeat` says how long
    /// the way takes. Unsolicited ones are allowed (RFC 6455 §5.5.3), data may have overtaken the one that was due, and
    /// which of the pings of `inactive` it answers is not known.
    mutating func pongReceived(at now: Instant) -> Action {
        let answersPing = self.kind == .heartbeat
        let action = self.received(at: now)
        return answersPing ? .recordRoundTrip(now - self.pingSentAt) : action
    }

    private mutating func revived(at now: Instant) -> Action {
        self.lastReceivedAt = now
        self.enter(.connected, at: now)
        return .recordRevival
    }

    /// The peer's fault: frames before its request was answered (RFC 6455 §4.1). Without a 101 there is no close
    /// frame to say so.
    mutating func dropOnViolation(at now: Instant) -> Action {
        self.closeReason = .framing
        self.enter(.failed, at: now)
        return .dropOnViolation
    }

    /// The peer's fault: frames before the upgrade was done, or a code that no close frame may carry.
    mutating func closeOnViolation(at now: Instant) -> Action {
        self.startClosing(.protocolError, .framing, at: now)
        return .closeOnViolation(.protocolError)
    }
}
