import HydrogenProtocol

/// How a connection begins and ends.
extension ClientStateMachine {
    mutating func startRequested(at now: Instant) -> Action {
        switch self.kind {
        case .stopped:
            self.end = nil
            return self.connect(at: now)
        case .closing:
            // The old connection ends first.
            guard !self.marks.contains(.comesBack) else { return .ignored(.alreadyStarted) }
            self.end = nil
            self.marks.insert(.comesBack)
            return .none
        case .connecting, .greeting, .resuming, .connected, .probing, .waiting:
            return .ignored(.alreadyStarted)
        }
    }

    mutating func stopRequested(at now: Instant) -> Action {
        switch self.kind {
        case .connecting:
            self.end = .requested
            self.beginClosing(comesBack: false, isAborted: true, at: now)
            return .abort
        case .greeting, .resuming, .connected, .probing:
            self.end = .requested
            self.beginClosing(comesBack: false, isAborted: false, at: now)
            return .close(.normal)
        case .closing:
            guard self.marks.contains(.comesBack) else { return .ignored(.alreadyStopped) }
            self.marks.remove(.comesBack)
            self.end = .requested
            return .none
        case .waiting:
            return self.stop(.requested)
        case .stopped:
            return .ignored(.alreadyStopped)
        }
    }

    mutating func connect(at now: Instant) -> Action {
        self.kind = .connecting
        self.since = now
        return .openTransport
    }

    mutating func transportOpened() -> Action {
        switch self.kind {
        case .connecting:
            self.kind = .greeting
            return .none
        case .closing:
            return .ignored(.whileClosing)
        case .greeting, .resuming, .connected, .probing:
            return self.unreachable(.openedTwice)
        case .stopped, .waiting:
            return self.unreachable(.noTransport)
        }
    }

    mutating func transportRefused(
        _ status: UInt16, _ retryAfter: Interval?, at now: Instant, _ settings: Settings
    ) -> Action {
        switch self.kind {
        case .connecting, .closing:
            if let over = self.overAfterClosing { return self.stop(over) }
            guard Self.invitesReturn(status: status, retryAfter) else { return self.stop(.refused(status: status)) }
            return self.waitForNextAttempt(notBefore: now + (retryAfter ?? .zero), at: now, settings)
        case .greeting, .resuming, .connected, .probing:
            return self.unreachable(.refusedAfterOpened)
        case .stopped, .waiting:
            return self.unreachable(.noTransport)
        }
    }

    mutating func transportEnded(
        _ code: UInt16?, _ retryAfter: Interval?, at now: Instant, _ settings: Settings
    ) -> Action {
        switch self.kind {
        case .connected, .probing:
            // Delays grow on as long as connections do not last.
            if now - self.since >= settings.stableAfter { self.attempt = 0 }
            return self.ended(code, retryAfter, at: now, settings)
        case .connecting, .greeting, .resuming:
            return self.ended(code, retryAfter, at: now, settings)
        case .closing:
            if let over = self.overAfterClosing { return self.stop(over) }
            // Our own 1000 comes back as the answer.
            let answered = code == CloseCode.normal.rawValue ? nil : code
            return self.ended(answered, retryAfter, at: now, settings)
        case .stopped, .waiting:
            return self.unreachable(.noTransport)
        }
    }

    /// What it comes to when the connection that is being closed was the last one.
    private var overAfterClosing: End? {
        self.kind == .closing && !self.marks.contains(.comesBack) ? self.end : nil
    }

    private mutating func ended(
        _ code: UInt16?, _ retryAfter: Interval?, at now: Instant, _ settings: Settings
    ) -> Action {
        if let code, !CloseCode.invitesReconnect(code) { return self.stop(.closed(code: code)) }
        let asked = now + (retryAfter ?? .zero)
        let earliest = self.kind == .closing ? max(asked, self.wakeAt) : asked
        return self.waitForNextAttempt(notBefore: earliest, at: now, settings)
    }

    /// Whether a later attempt may succeed: the server's own "not now" (429, 503, a block that passes), and what a
    /// proxy says while the server behind it is away. A wrong key, path or origin does not heal.
    static func invitesReturn(status: UInt16, _ retryAfter: Interval?) -> Bool {
        status == 429 || status >= 500 || retryAfter != nil
    }
}
