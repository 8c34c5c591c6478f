import HydrogenProtocol

/// What happens to the client and its connections.
extension ClientCore {
    /// Connects, and stays connected until it is stopped or the server says something final.
    package mutating func start(at now: Instant) { self.step(.startRequested, at: now) }

    /// Ends the session and the connection.
    package mutating func stop(at now: Instant) {
        self.sendAcknowledgements()
        self.step(.stopRequested, at: now)
    }

    /// The 101 is here, with the sub-protocol.
    package mutating func transportOpened(at now: Instant) { self.step(.transportOpened, at: now) }

    /// The upgrade was answered with another status; the transport is gone.
    ///
    /// - Parameter retryAfter: The header `Retry-After`.
    package mutating func transportRefused(status: UInt16, retryAfter: Interval?, at now: Instant) {
        self.step(.transportRefused(status: status, retryAfter: retryAfter), at: now)
    }

    /// The transport is gone, or could not be opened.
    ///
    /// - Parameter code: Of the server's close frame; nil without one.
    package mutating func transportEnded(code: UInt16?, at now: Instant) {
        let heeds = code == CloseCode.rateExceeded.rawValue
        self.step(.transportEnded(code: code, retryAfter: heeds ? self.lastRetryAfter : nil), at: now)
    }

    /// The server sent what no server of this protocol sends, and the driver has seen it: a binary message, or one
    /// that is too long.
    package mutating func violationFound(at now: Instant) { self.step(.violationFound, at: now) }

    /// A sign of life that is not a message.
    package mutating func pongReceived(at now: Instant) { self.step(.received, at: now) }

    /// One step of the machine, and what it asks for.
    mutating func step(_ event: ClientStateMachine.Event, at now: Instant) {
        let before = self.machine.kind
        let action = self.machine.receive(event, at: now, self.configuration.lifecycle)
        let after = self.machine.kind
        if before != after { self.append(.stateChanged(after)) }
        if before.isInService, !after.isInService { self.leaveService() }
        switch action {
        case .none, .ignored, .wait: break
        case .openTransport: self.beginConnection()
        case .sendResume: self.sendResume(at: now)
        case .beginService(let isResumed): self.beginService(isResumed: isResumed, at: now)
        case .sendPing: self.append(.sendPing)
        case .close(let code): self.append(.closeTransport(code))
        case .abort: self.append(.abortTransport)
        case .stop: self.endForGood()
        case .programmingError(let error): assertionFailure(error.rawValue)
        }
    }

    private mutating func beginConnection() {
        self.freshSession = nil
        self.hasMissedFreshEvent = false
        self.resumeCommand = 0
        self.lastRetryAfter = nil
        self.append(.openTransport)
    }

    /// Nothing is sent any more over this connection, and no answer is waited for.
    private mutating func leaveService() {
        self.acknowledgeAt = nil
        self.subscriptions.connectionLost()
        var index = 0
        while index < self.commands.count {
            let command = self.commands[index]
            guard command.isSent else {
                index += 1
                continue
            }
            if command.isRepeatable {
                self.commands.markUnsent(at: index, earliest: nil)
                index += 1
                continue
            }
            self.commands.remove(at: index)
            switch command.purpose {
            case .caller, .refresh: self.append(.answered(command.number, .connectionLost))
            case .subscribe, .unsubscribe: break
            }
        }
    }

    private mutating func endForGood() {
        self.session = nil
        self.ledger = OffsetLedger()
        self.subscriptions.sessionLost()
        while self.commands.count > 0 {
            self.append(.answered(self.commands.remove(at: 0).number, .stopped))
        }
    }
}
