import HydrogenProtocol

/// Takes the values that make up something, in order: for a digest of it.
package protocol ValueSink {
    mutating func append(_ number: UInt64)
    mutating func append(_ bytes: Span<UInt8>)
    mutating func append(_ event: PublishedEvent)
    mutating func append(_ grant: Grant)
}

extension ValueSink {
    fileprivate mutating func append(signed number: Int64) { self.append(UInt64(bitPattern: number)) }
    fileprivate mutating func append(_ text: StaticString?) {
        var bytes: [UInt8] = []
        if let text { bytes.append(text) }
        self.append(bytes.span)
    }
    fileprivate mutating func append(_ id: ConnectionID) { self.append(id.bits) }
    fileprivate mutating func append(_ session: SessionReference) {
        self.append(UInt64(session.generation) << 32 | UInt64(session.slot))
    }
    fileprivate mutating func append(_ name: AttachmentName) {
        self.append(name.session)
        self.append(UInt64(name.number))
    }
}

extension LinkMail {
    /// Gives out everything that it says.
    package func give(to sink: inout some ValueSink) {
        sink.append(UInt64(self.from))
        sink.append(UInt64(self.messages.count))
        for message in self.messages { message.give(to: &sink) }
    }
}

extension LinkMessage {
    fileprivate func give(to sink: inout some ValueSink) {
        switch self {
        case .resume(let resume, let answer):
            sink.append(0)
            resume.give(to: &sink)
            answer.give(to: &sink)
        case .left(let name, let hasEnded):
            sink.append(1)
            sink.append(name)
            sink.append(hasEnded ? 1 : 0)
        case .report(let name, let report):
            sink.append(2)
            sink.append(name)
            report.give(to: &sink)
        case .command(let command, let name, let answer):
            sink.append(3)
            command.give(to: &sink)
            sink.append(name)
            answer.give(to: &sink)
        case .resumed(let attachment, let answer):
            sink.append(4)
            attachment.give(to: &sink)
            answer.give(to: &sink)
        case .answer(let answer, let outcome):
            sink.append(5)
            answer.give(to: &sink)
            outcome.give(to: &sink)
        case .tokens(let tokens, let name, let id):
            sink.append(6)
            sink.append(tokens.newest.span)
            sink.append(name)
            sink.append(id)
        case .takenOver(let name, let id):
            sink.append(7)
            sink.append(name)
            sink.append(id)
        case .sending(let sending, let name, let id):
            sink.append(8)
            sending.give(to: &sink)
            sink.append(name)
            sink.append(id)
        case .event(let event, let priority, let isRetained, let name, let id):
            sink.append(9)
            sink.append(event)
            sink.append(UInt64(priority.rawValue) << 1 | (isRetained ? 1 : 0))
            sink.append(name)
            sink.append(id)
        }
    }
}

extension RemoteResume {
    fileprivate func give(to sink: inout some ValueSink) {
        sink.append(self.request.session.span)
        sink.append(self.request.token.span)
        sink.append(signed: self.request.offset)
        sink.append(self.grant)
        sink.append(UInt64(self.connection.loop))
        sink.append(self.connection.id)
    }
}

extension NewAttachment {
    fileprivate func give(to sink: inout some ValueSink) {
        sink.append(self.name)
        sink.append(self.sessionID.utf8.span)
        sink.append(self.tokens.newest.span)
        sink.append(self.connection)
        sink.append(self.response.span)
    }
}

extension AttachmentReport {
    fileprivate func give(to sink: inout some ValueSink) {
        sink.append(UInt64(self.written.count))
        for written in self.written {
            sink.append(signed: written.offset)
            sink.append(UInt64(written.attempt))
            sink.append(signed: written.at.nanoseconds)
        }
        sink.append(UInt64(self.ackedIDs.count))
        for id in self.ackedIDs { sink.append(id.origin ^ id.number) }
        sink.append(signed: self.ackedThrough ?? -1)
        let token = self.token ?? []
        sink.append(token.span)
    }
}

extension SessionCommand {
    fileprivate func give(to sink: inout some ValueSink) {
        switch self {
        case .subscribe(let channel, let request, _, _):
            // Pattern and filter are read from the request.
            sink.append(0)
            sink.append(UInt64(channel))
            sink.append(request.topic.span)
            sink.append(request.filter.span)
            sink.append(request.isGuaranteed ? 1 : 0)
            sink.append(request.priority.map { UInt64($0.rawValue) } ?? .max)
            sink.append(signed: request.conflateInterval?.nanoseconds ?? -1)
            let member = Array((request.conflateBy ?? "").utf8)
            sink.append(member.span)
        case .unsubscribe(let channel, .id(let id)):
            sink.append(1)
            sink.append(UInt64(channel))
            sink.append(id.span)
        case .unsubscribe(let channel, .topic(let topic)):
            sink.append(2)
            sink.append(UInt64(channel))
            sink.append(topic.span)
        case .refresh(let grant):
            sink.append(3)
            if let grant { sink.append(grant) }
        }
    }
}

extension PendingAnswer {
    fileprivate func give(to sink: inout some ValueSink) {
        sink.append(self.connection)
        sink.append(self.id.span)
        sink.append(UInt64(self.channel))
        sink.append(self.action.span)
        sink.append(signed: self.receivedAt.nanoseconds)
        sink.append(self.isOwed ? 1 : 0)
    }
}

extension CommandOutcome {
    fileprivate func give(to sink: inout some ValueSink) {
        switch self {
        case .success(let data):
            sink.append(0)
            sink.append(data.span)
        case .failure(let error):
            sink.append(1)
            sink.append(UInt64(error.code.rawValue))
            sink.append(error.message)
            sink.append(error.field)
            sink.append(signed: error.retryAfterMilliseconds ?? -1)
        }
    }
}

extension Sending {
    fileprivate func give(to sink: inout some ValueSink) {
        switch self.content {
        case .event(let event): sink.append(event)
        case .gap(let from): sink.append(signed: from)
        }
        sink.append(signed: self.offset)
        sink.append(UInt64(self.attempt))
        sink.append(UInt64(self.priority.rawValue) << 1 | (self.isRetained ? 1 : 0))
    }
}
