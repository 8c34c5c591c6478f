import HydrogenConnection
import HydrogenProtocol

extension Shard {
    /// A connection of another loop wants a session of ours.
    mutating func resumeAsked(_ resume: RemoteResume, _ answer: PendingAnswer, at now: Moment) {
        switch self.attach(resume.request, resume.grant, to: resume.connection, at: now) {
        case .failure(let error):
            self.links.append(.answer(answer, .failure(error)), to: resume.connection.loop)
        case .success(let resumed):
            let attachment = NewAttachment(
                name: self.attachmentName(of: resumed.session), sessionID: self.sessions[resumed.session].id,
                tokens: self.sessions[resumed.session].tokens, connection: resume.connection.id,
                response: resumed.response)
            if KnownBug.eventsBeforeAttachment.isLoose { self.pump(resumed.session) }
            self.tell(.resumed(attachment, answer), resume.connection.loop)
            if case .held = self.sessions[resumed.session].attachment {
                self.wait(.attachment(attachment.name))
            } else {
                self.pump(resumed.session)
            }
        }
    }

    /// The home of a session has given it to a connection of ours.
    mutating func resumedElsewhere(
        _ attachment: NewAttachment, home: LoopIndex, _ answer: PendingAnswer, at now: Moment
    ) {
        guard let slot = self.connections.slot(of: attachment.connection),
            self.connections[slot].machine.acceptsWork
        else {
            // The connection did not live to see it.
            return self.links.append(.left(attachment.name, hasEnded: false), to: home)
        }
        self.connections[slot].isResuming = false
        self.endSession(self.connections[slot].session)
        self.connections[slot].session = SessionTable.none
        self.connections[slot].hasUsedSession = true
        self.connections[slot].attachment = self.attachments.insert(
            RemoteAttachment(
                home: home, name: attachment.name, sessionID: attachment.sessionID, tokens: attachment.tokens))
        self.logResumed(slot)
        self.answer(answer, .success(attachment.response), at: now)
    }

    /// The home of a session has answered a command.
    mutating func forwardedAnswer(_ answer: PendingAnswer, _ outcome: CommandOutcome, at now: Moment) {
        if let slot = self.connections.slot(of: answer.connection) { self.connections[slot].isResuming = false }
        self.answer(answer, outcome, at: now)
    }

    /// A command for a session of ours came over another loop's connection.
    mutating func commandForwarded(
        _ command: SessionCommand, _ name: AttachmentName, _ answer: PendingAnswer, at now: Moment
    ) {
        guard let session = self.session(of: name), case .away(let connection) = self.sessions[session].attachment
        else { return }  // It was taken over: its connection is being closed.
        let outcome = self.execute(command, for: session)
        if case .refresh = command {
            self.links.append(.tokens(self.sessions[session].tokens, name, connection.id), to: connection.loop)
        }
        self.tell(.answer(answer, outcome.response), connection.loop)
        if let number = outcome.subscription { self.giveRetained(number, to: session, at: now) }
    }

    /// Tells another loop something that depends on what the store has.
    private mutating func tell(_ message: LinkMessage, _ loop: LoopIndex) {
        if self.waitsForCommits { self.wait(.link(message, to: loop)) } else { self.links.append(message, to: loop) }
    }
}
