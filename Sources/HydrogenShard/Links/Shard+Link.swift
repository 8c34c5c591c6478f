import HydrogenProtocol

extension Shard {
    /// Posts what waits for other loops, one mail for each that has a place.
    mutating func postLinks(at now: Moment) {
        self.links.retryAt = nil
        for loop in self.links.indices where self.links.isWaiting(loop) {
            guard self.places.reserve(of: .sessions, at: loop) else {
                self.links.retryAt = now.instant + LinkTable.pause
                continue
            }
            for attachment in self.links.takeReporting(loop) where self.attachments[attachment].home == loop {
                self.report(attachment)
            }
            self.effects.append(
                .post(.link(LinkMail(from: self.loop, messages: self.links.takeMessages(loop))), to: loop))
        }
    }

    /// Takes the messages of another loop.
    mutating func linked(_ mail: LinkMail, at now: Moment) {
        // One event goes to many connections of this loop in one mail: its frames are made once.
        var frames: EventFrames?
        for message in mail.messages {
            switch message {
            case .resume(let resume, let answer): self.resumeAsked(resume, answer, at: now)
            case .left(let name, let hasEnded): self.attachmentLeft(name, hasEnded: hasEnded, at: now)
            case .report(let name, let report): self.reported(report, name)
            case .command(let command, let name, let answer): self.commandForwarded(command, name, answer, at: now)
            case .resumed(let attachment, let answer):
                self.resumedElsewhere(attachment, home: mail.from, answer, at: now)
            case .answer(let answer, let outcome): self.forwardedAnswer(answer, outcome, at: now)
            case .tokens(let tokens, let name, let id):
                if let slot = self.slot(of: id, attachedBy: name) {
                    self.attachments[self.connections[slot].attachment].tokens = tokens
                }
            case .takenOver(let name, let id): self.attachmentTakenOver(name, id, at: now)
            case .sending(let sending, let name, let id):
                // A connection that closes takes nothing more; its session sends it again.
                if let slot = self.slot(of: id, attachedBy: name),
                    self.connections[slot].machine.canQueue(sending.priority, isGuaranteed: true)
                {
                    self.enqueue(sending, slot: slot)
                }
            case .event(let event, let priority, let isRetained, let name, let id):
                guard let slot = self.slot(of: id, attachedBy: name) else { continue }
                if frames?.event !== event || frames?.isRetained != isRetained {
                    frames = EventFrames(event, isRetained: isRetained)
                }
                if var made = frames.take() {
                    self.deliver(&made, slot: slot, priority, at: now)
                    frames = made
                }
            }
        }
    }

    /// The slot of a connection that still has this attachment.
    func slot(of id: ConnectionID, attachedBy name: AttachmentName) -> Int? {
        guard let slot = self.connections.slot(of: id) else { return nil }
        let attachment = self.connections[slot].attachment
        guard attachment != AttachmentTable.none, self.attachments[attachment].name == name else { return nil }
        return slot
    }

    /// The session that an attachment is one of, if it is the one that the session has now.
    func session(of name: AttachmentName) -> UInt32? {
        guard let session = self.sessions.find(name.session),
            self.sessions[session].attachmentNumber == name.number,
            case .away = self.sessions[session].attachment
        else { return nil }
        return session
    }
}
