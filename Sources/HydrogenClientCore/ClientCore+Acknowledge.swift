import HydrogenProtocol

/// Acknowledgements.
extension ClientCore {
    /// The caller has handled an event. Once more does no harm, nor does it in a later session.
    ///
    /// - Parameter id: The id of the event, for where one before it is not handled yet.
    package mutating func acknowledge(_ event: EventReference, id: Span<UInt8>, at now: Instant) {
        guard event.offset > 0, event.session == self.sessionNumber else { return }
        self.ledger.handled(event.offset, id: id)
        self.acknowledgeSoon(at: now)
    }

    /// The caller will not handle an event that it was given: the server sends it again, and it is delivered again.
    package mutating func giveBack(_ event: EventReference) {
        guard event.offset > 0, event.session == self.sessionNumber else { return }
        self.ledger.returned(event.offset)
    }

    /// Arms what tells the server, or tells it where that cannot wait.
    mutating func acknowledgeSoon(at now: Instant) {
        guard self.machine.kind.isInService, self.ledger.isAcknowledgementDue else { return }
        if self.configuration.acknowledgeDelay == .zero
            || self.ledger.handledCount >= self.configuration.acknowledgeBatch
        {
            return self.sendAcknowledgements()
        }
        if self.acknowledgeAt == nil { self.acknowledgeAt = now + self.configuration.acknowledgeDelay }
    }

    /// An acknowledgement was refused, by a limit on messages mostly: the floor is told again, later. One by id that is
    /// lost makes the event come again, and is repeated then.
    mutating func acknowledgeAgain(at now: Instant) {
        self.ledger.forgetAcknowledged()
        guard self.machine.kind.isInService, self.ledger.isAcknowledgementDue else { return }
        self.acknowledgeAt = now + (self.lastRetryAfter ?? .zero) + self.configuration.acknowledgeDelay
    }

    mutating func sendAcknowledgements() {
        guard self.machine.kind.isInService, let session = self.session else { return }
        self.acknowledgeAt = nil
        if let floor = self.ledger.takeFloor() {
            let start = self.outgoing.count
            ClientMessage.append(acknowledged: floor, token: session.token.span, to: &self.outgoing)
            self.sendOutgoing(from: start)
        }
        while let event = self.ledger.takeHandledAhead() {
            let start = self.outgoing.count
            ClientMessage.append(acknowledgedID: event.id.span, token: session.token.span, to: &self.outgoing)
            self.sendOutgoing(from: start)
        }
    }
}
