import HydrogenProtocol

extension Shard {
    /// Something happened on a connection that the home of its session is to know.
    mutating func note(on slot: Int, _ change: (inout AttachmentReport) -> Void) {
        let attachment = self.connections[slot].attachment
        change(&self.attachments[attachment].report)
        guard !self.attachments[attachment].isReporting else { return }
        self.attachments[attachment].isReporting = true
        self.links.noteReport(attachment, to: self.attachments[attachment].home)
    }

    /// Puts the report of an attachment on its way. One that has ended since has reported already.
    mutating func report(_ attachment: UInt32) {
        guard self.attachments[attachment].isReporting else { return }
        self.attachments[attachment].isReporting = false
        var report = AttachmentReport()
        swap(&report, &self.attachments[attachment].report)
        self.links.append(
            .report(self.attachments[attachment].name, report), to: self.attachments[attachment].home)
    }

    /// What happened on the connection of a session of ours.
    mutating func reported(_ report: AttachmentReport, _ name: AttachmentName) {
        guard let session = self.session(of: name) else { return }
        for written in report.written {
            self.written(written.offset, attempt: Int(written.attempt), of: session, at: written.at)
        }
        if let token = report.token, let index = self.sessions.tokenIndex(of: token.span, at: session) {
            self.tokenArrived(index, of: session)
        }
        for id in report.ackedIDs { self.ack(id, of: session) }
        if let offset = report.ackedThrough { self.ack(through: offset, of: session) }
    }

    /// The connection of an attachment is gone.
    mutating func leaveAttachment(_ slot: Int, hasEnded: Bool) {
        let attachment = self.connections[slot].attachment
        guard attachment != AttachmentTable.none else { return }
        self.report(attachment)
        self.links.append(
            .left(self.attachments[attachment].name, hasEnded: hasEnded), to: self.attachments[attachment].home)
        self.dropAttachment(of: slot)
    }

    mutating func dropAttachment(of slot: Int) {
        let attachment = self.connections[slot].attachment
        guard attachment != AttachmentTable.none else { return }
        self.attachments[attachment].isReporting = false
        self.attachments.remove(attachment)
        self.connections[slot].attachment = AttachmentTable.none
        self.connections[slot].sendings = Queue()
    }

    /// Another loop's connection of a session of ours is gone.
    mutating func attachmentLeft(_ name: AttachmentName, hasEnded: Bool, at now: Moment) {
        guard let session = self.session(of: name) else { return }
        if hasEnded { self.endSession(session) } else { self.detach(session, at: now) }
    }

    /// The session of a connection goes on elsewhere.
    mutating func attachmentTakenOver(_ name: AttachmentName, _ id: ConnectionID, at now: Moment) {
        guard let slot = self.slot(of: id, attachedBy: name) else { return }
        self.dropAttachment(of: slot)
        self.close(slot, .sessionTakenOver, because: nil, at: now)
    }
}
