import HydrogenProtocol

/// What the server says.
extension ClientCore {
    /// A whole text message is here.
    package mutating func received(_ bytes: Span<UInt8>, at now: Instant) {
        switch self.machine.kind {
        case .greeting, .resuming, .connected, .probing: break
        // It was on its way when the connection was given up. What is guaranteed comes again.
        case .stopped, .connecting, .closing, .waiting: return self.step(.received, at: now)
        }
        guard let message = ServerMessage(bytes) else { return self.step(.violationFound, at: now) }
        self.message = message
        self.step(.received, at: now)
        if self.machine.kind == .greeting { return self.greeted(bytes, at: now) }
        switch message.kind {
        case .event: self.eventReceived(bytes, at: now)
        case .response: self.responseReceived(bytes, at: now)
        // A server of a later version may say more.
        case nil: break
        }
    }

    private mutating func eventReceived(_ bytes: Span<UInt8>, at now: Instant) {
        if self.message.isAbout("system", "gap", in: bytes) { return self.gapReceived(bytes, at: now) }
        let offset = self.message.offset
        guard offset > 0 else {
            return self.append(.event(EventReference(offset: 0, session: self.sessionNumber)))
        }
        guard self.machine.kind.isInService else {
            self.hasMissedFreshEvent = true
            return
        }
        switch self.ledger.arrived(offset) {
        case .new: break
        case .newAfter(let gap): self.append(.gap(gap))
        case .repeatedOutstanding: return
        case .repeatedHandled:
            if let id = self.message.id {
                id.withBytes(in: bytes) { self.ledger.isRepeated(offset, id: $0) }
                self.acknowledgeSoon(at: now)
            }
            return
        }
        guard self.ledger.outstanding.count <= Int(self.configuration.maxUnacknowledged) else {
            return self.step(.violationFound, at: now)
        }
        self.append(.event(EventReference(offset: offset, session: self.sessionNumber)))
    }

    private mutating func gapReceived(_ bytes: Span<UInt8>, at now: Instant) {
        // The fresh session has not had an offset yet.
        guard self.machine.kind.isInService else { return }
        guard let from = self.message.data?.member("from", in: bytes)?.integer(in: bytes),
            let to = self.message.data?.member("to", in: bytes)?.integer(in: bytes),
            from >= 1, to >= from, to < Int64.max
        else { return self.step(.violationFound, at: now) }
        if let news = self.ledger.told(OffsetGap(from: from, to: to, isAnnounced: true)) {
            self.append(.gap(news))
            self.acknowledgeSoon(at: now)
        }
        if self.ledger.hasTooManyGaps { self.step(.violationFound, at: now) }
    }

    private mutating func responseReceived(_ bytes: Span<UInt8>, at now: Instant) {
        self.signer?.heard(self.message, bytes, at: now)
        let number = self.message.id.flatMap { Self.commandNumber($0, in: bytes) }
        if let number, number == self.resumeCommand, self.machine.kind == .resuming {
            return self.resumeAnswered(bytes, at: now)
        }
        if self.message.isError { self.lastRetryAfter = ServerError(self.message.error, in: bytes).retryAfter }
        if let number, let index = self.commands.index(ofSent: number) {
            return self.commandAnswered(at: index, bytes, now: now)
        }
        // A late answer; or an acknowledgement was refused, and must be told again.
        if number == nil, self.message.isError { self.acknowledgeAgain(at: now) }
    }

    /// The number that an id of ours holds; nil for any other text.
    private static func commandNumber(_ id: JSONText, in bytes: Span<UInt8>) -> CommandNumber? {
        guard !id.range.isEmpty, id.range.count <= 19 else { return nil }
        var number: CommandNumber = 0
        for index in id.range.indices {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            number = number &* 10 &+ CommandNumber(digit)
        }
        return number
    }

    mutating func sendOutgoing(from start: Int) {
        self.append(.send(ByteRange(start, self.outgoing.count)))
    }
}
