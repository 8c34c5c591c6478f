import HydrogenProtocol

@testable import HydrogenShard

/// All that tells one state from another by what may follow. Ids, tokens and slots are left out: what matters is which
/// connection is meant, and which attachments are the same one. How often an event was sent matters only as far as it is
/// said, and mail only as far as it says something where it arrives.
extension TakeoverScene {
    var key: String {
        var names = AttachmentNumbers()
        var parts = [
            "\(self.published) \(self.processed) \(self.acknowledged) \(self.newest)", self.sessionKey(&names),
            self.connectionKey(0, &names), self.connectionKey(1, &names), self.tokenKey,
        ]
        for (from, to) in [(0, 1), (1, 0)] {
            // What found no place in a mailbox would be missing here.
            assert(!self.world.server.shards[from].shard.links.isWaiting(to))
            for mail in self.world.server.heldMail?[from][to] ?? [] { parts.append(self.text(mail, &names)) }
            parts.append(";")
        }
        return parts.joined(separator: "|")
    }

    /// Whether a mail changes something where it arrives.
    func saysSomething(_ mail: Mail) -> Bool {
        switch mail {
        case .link:
            var names = AttachmentNumbers()
            _ = self.sessionKey(&names)
            return !self.text(mail, &names).isEmpty
        case .event:
            // The receiver's subscription is on the other loop.
            return false
        default:
            return true
        }
    }

    /// Attachments in the order in which a state names them; 0 is the one that the session has.
    struct AttachmentNumbers {
        private var known: [UInt32] = []

        mutating func number(_ name: AttachmentName) -> Int {
            if let index = self.known.firstIndex(of: name.number) { return index }
            self.known.append(name.number)
            return self.known.count - 1
        }
    }

    /// Of the session, at its home.
    private func sessionKey(_ names: inout AttachmentNumbers) -> String {
        let server = self.world.server
        guard let slot = server.shards[0].shard.sessions.find(self.session.id) else { return "gone" }
        _ = names.number(server.shards[0].shard.attachmentName(of: slot))
        let attachment =
            switch server.shards[0].shard.sessions[slot].attachment {
            case .detached: "detached"
            case .here(let id): "here \(self.place(id, 0) ?? -1)"
            case .away(let connection): "away \(self.place(connection.id, connection.loop) ?? -1)"
            case .held: "held"
            }
        let outbox = server.shards[0].shard.sessions[slot].outbox
        let entries = (outbox.first..<outbox.next).map { "\(outbox[$0].state.rawValue)\(min(outbox[$0].attempts, 1))" }
        return "\(attachment) \(outbox.first) \(outbox.cursor) \(entries) \(outbox.inFlight.count) \(outbox.returned.count)"
    }

    /// The tokens that somebody has, in the order in which they were given out: of the receiver, and of requests and
    /// answers on their way. -1: one that has ended.
    private var tokenKey: String {
        guard let slot = self.world.server.shards[0].shard.sessions.find(self.session.id) else { return "" }
        let tokens = self.world.server.shards[0].shard.sessions[slot].tokens
        var texts = [Array(self.session.token.utf8)]
        for case .link(let link) in (self.world.server.heldMail ?? []).joined().joined() {
            for message in link.messages {
                switch message {
                case .resume(let resume, _): texts.append(resume.request.token)
                case .resumed(let attachment, _) where self.place(attachment.connection, 1) != nil:
                    texts.append(Array(SessionData(String(decoding: attachment.response, as: UTF8.self)).token.utf8))
                default: break
                }
            }
        }
        let indices = texts.map { tokens.index(of: $0.span) ?? -1 }
        let ranks = Set(indices).sorted()
        return "\(indices.map { $0 < 0 ? -1 : ranks.firstIndex(of: $0) ?? 0 })"
    }

    private func connectionKey(_ loop: Int, _ names: inout AttachmentNumbers) -> String {
        guard let connection = self.connections[loop] else { return "none" }
        let box = self.world.server.shards[loop]
        guard let slot = box.shard.connections.slot(of: connection.id) else { return "freed" }
        let attachment = box.shard.connections[slot].attachment
        let name = attachment == AttachmentTable.none ? "-" : "\(names.number(box.shard.attachments[attachment].name))"
        let sendings = box.shard.connections[slot].sendings
        let waiting = (0..<sendings.count).map { "\(sendings[$0]?.offset ?? 0)" }
        return "\(self.isResumed[loop]) \(name) \(box.shard.connections[slot].isResuming) \(waiting)"
            + " \(box.shard.connections[slot].owedAnswerCount)"
    }

    /// Which of the receiver's connections an id means; nil: one that is gone.
    private func place(_ id: ConnectionID, _ loop: Int) -> Int? {
        self.connections[loop]?.id == id ? loop : nil
    }

    private func text(_ mail: Mail, _ names: inout AttachmentNumbers) -> String {
        guard case .link(let link) = mail else { return "\(mail.name)" }
        var texts: [String] = []
        for message in link.messages { if let text = self.text(message, &names) { texts.append(text) } }
        return texts.joined(separator: "+")
    }

    /// nil: it says nothing, as it is for a connection that is gone, or from an attachment that is over.
    private func text(_ message: LinkMessage, _ names: inout AttachmentNumbers) -> String? {
        switch message {
        case .resume(let resume, _):
            return "resume \(resume.request.offset) \(self.place(resume.connection.id, resume.connection.loop) ?? -1)"
        case .left(let name, let hasEnded):
            return names.number(name) == 0 ? "left \(hasEnded)" : nil
        case .report(let name, let report):
            guard names.number(name) == 0 else { return nil }
            return "report \(report.written.map(\.offset)) \(report.ackedThrough ?? 0)"
        case .resumed(let attachment, _):
            return "resumed \(names.number(attachment.name)) \(self.place(attachment.connection, 1) ?? -1)"
        case .answer(let answer, _):
            return self.place(answer.connection, 1).map { "answer \($0)" }
        case .takenOver(let name, let id):
            return self.place(id, 1).map { _ in "takenOver \(names.number(name))" }
        case .sending(let sending, let name, let id):
            return self.place(id, 1).map { _ in "sending \(sending.offset) \(min(sending.attempt, 2)) \(names.number(name))" }
        case .command, .tokens, .event:
            return "\(message)"
        }
    }
}
