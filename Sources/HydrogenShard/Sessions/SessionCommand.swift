import HydrogenProtocol

/// A command that changes a session, read and checked: it is carried out at the session's home.
enum SessionCommand: Sendable {
    case subscribe(channel: Int, SubscribeRequest, TopicPattern, Filter?)
    case unsubscribe(channel: Int, Doomed)
    /// With the grant of a new key, if one was given.
    case refresh(Grant?)

    /// Which subscriptions of a channel to remove.
    enum Doomed: Sendable {
        case id([UInt8])
        case topic([UInt8])
    }
}

/// What came of a session's command.
struct SessionOutcome {
    var response: CommandOutcome
    /// The number of the subscription that is new.
    var subscription: Int?

    init(_ response: CommandOutcome, subscription: Int? = nil) {
        self.response = response
        self.subscription = subscription
    }
}

extension Shard {
    /// Carries a command out where its session lives.
    mutating func perform(_ sessionCommand: SessionCommand, _ command: Command, _ bytes: Span<UInt8>) {
        let slot = command.slot
        let attachment = self.connections[slot].attachment
        guard attachment == AttachmentTable.none else {
            guard let answer = self.owe(command, bytes) else { return self.fail(command, bytes, .busy) }
            let (name, home) = (self.attachments[attachment].name, self.attachments[attachment].home)
            // What arrived before is to be known there before.
            self.report(attachment)
            return self.links.append(.command(sessionCommand, name, answer), to: home)
        }
        let session = self.connections[slot].session
        if self.waitsForCommits {
            guard let answer = self.owe(command, bytes) else { return self.fail(command, bytes, .busy) }
            let outcome = self.execute(sessionCommand, for: session)
            self.wait(.answer(answer, outcome.response))
            if let number = outcome.subscription { self.giveRetained(number, to: session, at: command.now) }
            return
        }
        let outcome = self.execute(sessionCommand, for: session)
        switch outcome.response {
        case .success(let data):
            self.succeed(command, bytes, data: data.span)
        case .failure(let error):
            self.refuse(command.answerable, bytes, error, channel: command.channel, slot: slot, at: command.now)
        }
        if let number = outcome.subscription { self.giveRetained(number, to: session, at: command.now) }
    }

    /// A new subscription gets what is retained, after its response.
    mutating func giveRetained(_ number: Int, to session: UInt32, at now: Moment) {
        let waiter = CommitWaiter.retained(self.sessions.reference(session), number: number)
        if self.waitsForCommits { self.wait(waiter) } else { self.perform(waiter, at: now) }
    }

    mutating func execute(_ command: SessionCommand, for session: UInt32) -> SessionOutcome {
        switch command {
        case .subscribe(let channel, let request, let pattern, let filter):
            self.subscribe(session, to: channel, request, pattern, filter)
        case .unsubscribe(let channel, let doomed):
            self.unsubscribe(session, from: channel, doomed)
        case .refresh(let grant):
            self.refresh(session, grant)
        }
    }

    /// The id of the session that a connection has, wherever it lives; empty without one.
    func sessionID(ofConnection slot: Int) -> String {
        let session = self.connections[slot].session
        if session != SessionTable.none { return self.sessions[session].id }
        let attachment = self.connections[slot].attachment
        return attachment == AttachmentTable.none ? "" : self.attachments[attachment].sessionID
    }
}
