import HydrogenProtocol

/// From the greeting into service.
extension ClientCore {
    /// The first message of a connection.
    mutating func greeted(_ bytes: Span<UInt8>, at now: Instant) {
        guard let greeting = SessionGreeting(self.message, in: bytes) else {
            return self.step(.violationFound, at: now)
        }
        self.maxMessageBytes = greeting.maxMessageBytes
        self.freshSession = greeting.credentials
        self.step(.sessionReceived(canResume: self.session != nil && greeting.isResumable), at: now)
    }

    mutating func sendResume() {
        guard let session = self.session, let fresh = self.freshSession else { return }
        // It acknowledges through its offset.
        _ = self.ledger.takeFloor()
        self.lastCommand += 1
        self.resumeCommand = self.lastCommand
        let start = self.outgoing.count
        ClientMessage.appendHead(command: self.resumeCommand, token: fresh.token.span, to: &self.outgoing)
        ClientMessage.appendNames(channel: "system".utf8.span, action: "resume".utf8.span, to: &self.outgoing)
        ClientMessage.appendResume(session, offset: self.ledger.floor, to: &self.outgoing)
        self.outgoing.append(UInt8(ascii: "}"))
        self.sendOutgoing(from: start)
    }

    /// The answer to `system/resume`.
    mutating func resumeAnswered(_ bytes: Span<UInt8>, at now: Instant) {
        self.resumeCommand = 0
        guard self.message.isError else {
            if let token = self.message.data?.member("token", in: bytes)?.text {
                self.session?.token = token.decoded(in: bytes)
            }
            return self.step(.resumeAccepted, at: now)
        }
        let error = ServerError(self.message.error, in: bytes)
        // The session cannot be had any more.
        if !error.isRetryable { self.session = nil }
        // An event of the fresh session was passed over: that session would miss it, so another one is taken.
        let isRetryable = error.isRetryable || self.hasMissedFreshEvent
        self.step(.resumeRefused(isRetryable: isRetryable, retryAfter: error.retryAfter), at: now)
    }

    mutating func beginService(isResumed: Bool, at now: Instant) {
        if !isResumed {
            self.session = self.freshSession
            self.sessionNumber += 1
            self.ledger = OffsetLedger()
            self.subscriptions.sessionLost()
        }
        self.freshSession = nil
        self.append(.sessionBegan(isResumed: isResumed))
        self.sendSubscriptions(at: now)
        self.sendCommands(at: now)
        self.acknowledgeSoon(at: now)
    }
}
