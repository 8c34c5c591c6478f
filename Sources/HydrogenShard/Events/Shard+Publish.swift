import HydrogenProtocol

extension Shard {
    /// `publish`: an event from a client.
    mutating func publish(_ command: Command, _ bytes: Span<UInt8>) {
        guard self.channels[command.channel].definition.isOpenForPublishing,
            let grant = self.connections[command.slot].grant
        else { return self.fail(command, bytes, .forbidden) }
        let request: PublishRequest
        do throws(InvalidData) {
            request = try PublishRequest(command.data, in: bytes)
        } catch {
            return self.fail(command, bytes, .invalidData, error.message)
        }
        if request.audience == .all, !grant.isAdministrator { return self.fail(command, bytes, .forbidden) }
        self.connections[command.slot].hasUsedSession = true
        let needsCommit = self.store != nil && request.isGuaranteed
        guard !needsCommit || self.mayOwe(command.slot),
            self.reservePlaces(placeCount: needsCommit ? 2 : 1, isAnswered: needsCommit || request.wantsCount)
        else { return self.fail(command, bytes, .busy) }
        let data = request.data.map { bytes.withBytes($0) { [UInt8]($0) } } ?? Self.emptyObject
        self.start(
            Publication(
                publisher: .client(self.pendingAnswer(command, bytes)),
                event: self.makeEvent(
                    channel: command.channel, action: request.action, data: data, priority: request.priority,
                    isRetained: request.isRetained, isGuaranteed: request.isGuaranteed, audience: request.audience,
                    at: command.now),
                key: request.key.map { PublishKey(identity: grant.identity, channel: command.channel, key: $0) },
                wantsCount: request.wantsCount, needsCommit: needsCommit),
            at: command.now)
    }

    /// An event of the server itself, of a service, or of a backend.
    mutating func publish(_ publish: ServerPublish, at now: Moment) {
        let needsCommit = self.store != nil && publish.isGuaranteed
        guard self.reservePlaces(placeCount: needsCommit ? 2 : 1, isAnswered: needsCommit || publish.wantsCount)
        else { return self.effects.append(.published(publish.number, .refused(.busy))) }
        self.start(
            Publication(
                publisher: .server(publish.number),
                event: self.makeEvent(
                    channel: publish.channel, action: publish.action, data: publish.data, priority: publish.priority,
                    isRetained: publish.isRetained, isGuaranteed: publish.isGuaranteed, audience: publish.audience,
                    at: now),
                key: publish.key, wantsCount: publish.wantsCount, needsCommit: needsCommit),
            at: now)
    }

    private mutating func makeEvent(
        channel: Int, action: [UInt8], data: [UInt8], priority: Priority, isRetained: Bool, isGuaranteed: Bool,
        audience: Audience, at now: Moment
    ) -> PublishedEvent {
        self.eventNumber += 1
        return PublishedEvent(
            EventID(origin: self.eventOrigin, loop: UInt32(self.loop), number: self.eventNumber),
            channel: channel, named: self.channels[channel].name, action: action, data: data.span,
            priority: priority, isRetained: isRetained, isGuaranteed: isGuaranteed, audience: audience,
            sequence: self.ledger.nextPublishSequence(), writer: &self.writer, at: now)
    }

    private mutating func start(_ publication: Publication, at now: Moment) {
        guard let key = publication.key else { return self.begin(publication, at: now) }
        self.claim(key, for: publication, at: now)
    }

    /// The publish is the first under its key, or has none.
    mutating func begin(_ publication: Publication, at now: Moment) {
        if publication.needsCommit { self.prepare(publication, at: now) } else { self.post(publication, at: now) }
    }

    /// Sends the event to every loop. It was accepted: that its publisher may be gone by now changes nothing.
    private mutating func post(_ publication: Publication, at now: Moment) {
        var publication = publication
        let event = publication.event
        self.counters.add(self.metrics.eventsPublished[event.channel])
        if event.isRetained { self.storeRetained(event) }
        publication.receiverCount = self.fanOut(event, at: now)
        publication.awaitedCount = self.otherLoopCount
        guard publication.wantsCount, publication.awaitedCount > 0 else {
            for loop in 0..<self.places.loopCount where loop != self.loop {
                self.effects.append(.post(.event(event, report: nil), to: loop))
            }
            let count = publication.wantsCount ? publication.receiverCount : nil
            return self.respond(to: publication, .accepted(event.id, receiverCount: count), at: now)
        }
        let slot = self.insert(publication)
        for loop in 0..<self.places.loopCount where loop != self.loop {
            self.effects.append(
                .post(.event(event, report: ReceiverReport(loop: self.loop, publication: slot)), to: loop))
        }
    }

    /// Another loop has told how many of its sessions got the event.
    mutating func receiversCounted(_ count: Int, publication slot: UInt32, at now: Moment) {
        self.publications[slot].receiverCount += count
        self.publications[slot].awaitedCount -= 1
        guard self.publications[slot].awaitedCount == 0 else { return }
        let publication = self.publications[slot]
        self.publications.remove(slot)
        self.respond(
            to: publication, .accepted(publication.event.id, receiverCount: publication.receiverCount), at: now)
    }

    /// Keeps a publication that has to wait; a drain waits for its response.
    mutating func insert(_ publication: Publication) -> UInt32 {
        var publication = publication
        if case .client(var answer) = publication.publisher, !answer.isOwed {
            if let slot = self.connections.slot(of: answer.connection) { self.connections[slot].owedAnswerCount += 1 }
            answer.isOwed = true
            publication.publisher = .client(answer)
        }
        return self.publications.insert(publication)
    }

    mutating func respond(to publication: Publication, _ outcome: PublishOutcome, at now: Moment) {
        switch publication.publisher {
        case .client(let answer): self.answer(answer, outcome.response, at: now)
        case .server(let number): self.effects.append(.published(number, outcome))
        }
    }
}

extension Grant {
    /// Whether it opens the administrative side.
    package var isAdministrator: Bool { self.permits(channel: "system".utf8.span, action: "admin".utf8.span) }
}
