import HydrogenProtocol

/// Signs of life.
extension ConnectionStateMachine {
    mutating func received(at now: Instant) -> Action {
        switch self.kind {
        case .connected:
            self.lastReceivedAt = now
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

    mutating func pongReceived(at now: Instant) -> Action {
        switch self.kind {
        case .heartbeat:
            let roundTrip = now - self.pingSentAt
            self.lastReceivedAt = now
            self.enter(.connected, at: now)
            return .recordRoundTrip(roundTrip)
        case .connected:
            // Unsolicited pongs are allowed (RFC 6455 §5.5.3); data may also have overtaken the one that was due.
            self.lastReceivedAt = now
            return .none
        case .inactive:
            // Which of the pings it answers is not known, so no round trip is recorded.
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
