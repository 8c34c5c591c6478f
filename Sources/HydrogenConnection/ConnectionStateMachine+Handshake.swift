import HydrogenProtocol

/// From the accepted socket into service.
extension ConnectionStateMachine {
    mutating func requestRead() -> Action {
        switch self.kind {
        case .connecting:
            self.kind = .verifying
            return .none
        case .failed, .rejected:
            return self.hasTransport ? .ignored(.requestWhileEnding) : self.unreachable(.afterTransportEnded)
        case .verifying, .established, .connected, .heartbeat, .inactive, .closing:
            return self.unreachable(.requestRepeated)
        case .closed, .zombie:
            return self.unreachable(.afterTransportEnded)
        case .freed:
            return self.unreachable(.afterFree)
        }
    }

    mutating func accepted() -> Action {
        if let outcome = self.verdictOutsideVerifying() { return outcome }
        self.kind = .established
        return .sendUpgrade
    }

    mutating func refused(at now: Instant) -> Action {
        if let outcome = self.verdictOutsideVerifying() { return outcome }
        self.enter(.rejected, at: now)
        return .sendRefusal
    }

    /// What a verdict means where none is due; nil in `verifying`.
    private func verdictOutsideVerifying() -> Action? {
        switch self.kind {
        case .verifying:
            return nil
        case .failed, .zombie:
            // The check was done elsewhere, and took longer than the peer or `HandshakeTimeout` did.
            return .ignored(.lateVerdict)
        case .connecting:
            return self.unreachable(.verdictWithoutRequest)
        case .established, .connected, .heartbeat, .inactive, .closing, .rejected, .closed:
            return self.unreachable(.verdictRepeated)
        case .freed:
            return self.unreachable(.afterFree)
        }
    }

    mutating func upgraded(at now: Instant) -> Action {
        switch self.kind {
        case .established:
            self.lastReceivedAt = now
            self.enter(.connected, at: now)
            return .beginService
        case .closing:
            return .ignored(.closedBeforeUpgrade)
        case .connecting, .verifying, .failed, .rejected:
            return self.unreachable(.upgradeWithoutVerdict)
        case .connected, .heartbeat, .inactive:
            return self.unreachable(.upgradeRepeated)
        case .closed, .zombie:
            return self.unreachable(.afterTransportEnded)
        case .freed:
            return self.unreachable(.afterFree)
        }
    }
}
