import HydrogenProtocol

/// The end of a connection, by either side or by the transport.
extension ConnectionStateMachine {
    mutating func closeReceived(_ code: UInt16?, at now: Instant) -> Action {
        switch self.kind {
        case .established, .connected, .heartbeat, .inactive:
            guard Self.mayBeReceived(code) else { return self.closeOnViolation(at: now) }
            self.storedCloseCode = code ?? CloseCode.noStatus.rawValue
            self.marks.formUnion([.closeReceived, .lastWordSent])
            self.enter(.closing, at: now)
            return .answerClose(code: code)
        case .closing:
            return self.closeReceivedWhileClosing()
        case .connecting, .verifying:
            return self.dropOnViolation(at: now)
        case .failed, .rejected:
            return self.hasTransport ? .ignored(.bytesWhileEnding) : self.unreachable(.afterTransportEnded)
        case .closed, .zombie:
            return self.unreachable(.afterTransportEnded)
        case .freed:
            return self.unreachable(.afterFree)
        }
    }

    /// We began to close; the peer's frame answers ours, or crosses it.
    private mutating func closeReceivedWhileClosing() -> Action {
        guard !self.marks.contains(.closeReceived) else { return .ignored(.closeRepeated) }
        self.marks.insert(.closeReceived)
        guard !self.marks.contains(.lastWordSent) else { return .endTransport }
        self.marks.insert(.lastWordSent)
        return .answerClose(code: self.storedCloseCode)
    }

    /// Whether a close frame may carry this code (RFC 6455 §7.4.1, §7.4.2, and the registry of IANA).
    private static func mayBeReceived(_ code: UInt16?) -> Bool {
        guard let code else { return true }
        return (1000...1003).contains(code) || (1007...1014).contains(code) || (3000...4999).contains(code)
    }

    mutating func closeRequested(_ code: CloseCode, _ reason: ErrorCode?, at now: Instant) -> Action {
        switch self.kind {
        case .connecting, .verifying:
            self.closeReason = reason
            self.enter(.failed, at: now)
            return .endTransport
        case .established, .connected, .heartbeat, .inactive:
            self.startClosing(code, reason, at: now)
            return .beginClosing(code)
        case .closing, .failed, .rejected, .closed, .zombie, .freed:
            return .ignored(.alreadyEnding)
        }
    }

    mutating func startClosing(_ code: CloseCode, _ reason: ErrorCode?, at now: Instant) {
        self.storedCloseCode = code.rawValue
        self.closeReason = reason
        self.enter(.closing, at: now)
    }

    mutating func queueDrained() -> Action {
        switch self.kind {
        case .closing:
            guard !self.marks.contains(.lastWordSent) else { return .ignored(.lastWordSent) }
            self.marks.insert(.lastWordSent)
            return .sendClose(CloseCode(rawValue: self.storedCloseCode) ?? .internalError)
        case .rejected:
            guard self.hasTransport else { return .ignored(.queueReleased) }
            guard !self.marks.contains(.lastWordSent) else { return .ignored(.lastWordSent) }
            self.marks.insert(.lastWordSent)
            return .endTransport
        case .established, .connected, .heartbeat, .inactive:
            return .ignored(.queueInUse)
        case .closed:
            return .ignored(.queueReleased)
        case .connecting, .verifying, .failed:
            return self.unreachable(.queueBeforeUpgrade)
        case .zombie:
            return self.unreachable(.afterTransportEnded)
        case .freed:
            return self.unreachable(.afterFree)
        }
    }

    mutating func transportEnded(at now: Instant) -> Action {
        switch self.kind {
        case .connecting, .verifying:
            self.marks.insert(.transportEnded)
            self.enter(.failed, at: now)
            return .releaseResources
        case .established, .connected, .heartbeat, .inactive:
            self.storedCloseCode = CloseCode.abnormal.rawValue
            self.marks.insert(.transportEnded)
            self.enter(.closed, at: now)
            return .releaseResources
        case .closing:
            self.marks.insert(.transportEnded)
            self.enter(.closed, at: now)
            return .releaseResources
        case .failed, .rejected:
            guard self.hasTransport else { return self.unreachable(.transportEndedTwice) }
            self.marks.insert(.transportEnded)
            return .releaseResources
        case .closed, .zombie:
            return self.unreachable(.transportEndedTwice)
        case .freed:
            return self.unreachable(.afterFree)
        }
    }
}
