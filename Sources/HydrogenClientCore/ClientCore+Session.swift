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
        if !self.configuration.signedActions.isEmpty { self.signer = CommandSigner(greeting, at: now) }
        self.step(.sessionReceived(canResume: self.session != nil && greeting.isResumable), at: now)
    }

    mutating func sendResume(at now: Instant) {
        guard let session = self.session, let fresh = self.freshSession else { return }
        // It acknowledges through its offset.
        _ = self.ledger.takeFloor()
        self.lastCommand += 1
        self.resumeCommand = self.lastCommand
        let start = self.outgoing.count
        let isSigned = self.signs("system".utf8.span, "resume".utf8.span)
        let floor = self.ledger.floor
        self.write(self.resumeCommand, token: fresh.token, isSigned: isSigned, at: now) { out in
            ClientMessage.appendNames(channel: "system".utf8.span, action: "resume".utf8.span, to: &out)
            ClientMessage.appendResume(session, offset: floor, to: &out)
            out.append(UInt8(ascii: "}"))
        }
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
