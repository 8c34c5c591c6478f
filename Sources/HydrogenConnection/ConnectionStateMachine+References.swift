import HydrogenProtocol

/// Commands at services, and what becomes of the context when the transport is gone.
extension ConnectionStateMachine {
    mutating func referenceRetained() -> Action {
        switch self.kind {
        case .verifying, .established, .connected, .heartbeat, .inactive:
            guard self.references < UInt16.max else { return self.unreachable(.tooManyReferences) }
            self.references += 1
            return .none
        case .connecting:
            return self.unreachable(.referenceBeforeRequest)
        case .closing, .failed, .rejected, .closed, .zombie:
            return self.unreachable(.referenceWhileEnding)
        case .freed:
            return self.unreachable(.afterFree)
        }
    }

    mutating func referenceReleased(at now: Instant) -> Action {
        switch self.kind {
        case .verifying, .established, .connected, .heartbeat, .inactive, .closing, .failed, .rejected, .closed:
            guard self.references > 0 else { return .countStaleReference }
            self.references -= 1
            return .none
        case .zombie:
            self.references -= 1
            guard self.references == 0 else { return .none }
            self.enter(.freed, at: now)
            return .free
        case .connecting:
            return self.unreachable(.referenceBeforeRequest)
        case .freed:
            // It came back after `ZombieTimeout`.
            return .countStaleReference
        }
    }

    mutating func turnEnded(at now: Instant) -> Action {
        switch self.kind {
        case .failed, .rejected, .closed:
            guard !self.hasTransport else { return .ignored(.turnOfTheLiving) }
            guard self.references == 0 else {
                self.enter(.zombie, at: now)
                return .holdForReferences
            }
            self.enter(.freed, at: now)
            return .free
        case .connecting, .verifying, .established, .connected, .heartbeat, .inactive, .closing, .zombie, .freed:
            return .ignored(.turnOfTheLiving)
        }
    }
}
