import HydrogenProtocol

extension Shard {
    /// `publish`: the places that the event and everything about it will need are reserved before anything is posted,
    /// so that it reaches every loop or none.
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
        guard self.reservePlaces(for: request) else { return self.fail(command, bytes, .busy) }

        let publication = Publication(
            answer: self.pendingAnswer(command, bytes),
            event: self.makeEvent(request, channel: command.channel, bytes, at: command.now),
            wantsCount: request.wantsCount)
        guard let key = request.key else { return self.post(publication, at: command.now) }
        self.claim(
            PublishKey(identity: grant.identity, channel: command.channel, key: key), for: publication,
            at: command.now)
    }

    /// How many of the other loops' answers a counted publish waits for.
    private var otherLoopCount: Int { self.places.loopCount - 1 }

    private func reservePlaces(for request: PublishRequest) -> Bool {
        guard self.places.reserveEverywhere(of: .events, except: self.loop) else { return false }
        if !request.wantsCount || self.places.reserve(self.otherLoopCount, of: .events, at: self.loop) { return true }
        self.releaseEventPlaces()
        return false
    }

    private func releaseEventPlaces() {
        for loop in 0..<self.places.loopCount where loop != self.loop { self.places.release(of: .events, at: loop) }
    }

    private func releasePlaces(wantsCount: Bool) {
        self.releaseEventPlaces()
        if wantsCount { self.places.release(self.otherLoopCount, of: .events, at: self.loop) }
    }

    private mutating func makeEvent(
        _ request: PublishRequest, channel: Int, _ bytes: Span<UInt8>, at now: Moment
    ) -> PublishedEvent {
        self.eventNumber += 1
        let data = request.data.map { bytes.withBytes($0) { [UInt8]($0) } } ?? Self.emptyObject
        return PublishedEvent(
            EventID(origin: self.eventOrigin, loop: UInt32(self.loop), number: self.eventNumber),
            channel: channel, named: self.channels[channel].name, action: request.action, data: data.span,
            priority: request.priority, isRetained: request.isRetained, isGuaranteed: request.isGuaranteed,
            audience: request.audience,
            sequence: self.ledger.nextPublishSequence(), writer: &self.writer, at: now)
    }

    /// Asks the keeper of the key whether this publish is the first under it.
    private mutating func claim(_ key: PublishKey, for publication: Publication, at now: Moment) {
        let home = key.home(loopCount: self.places.loopCount)
        if home == self.loop {
            let verdict = self.publishKeys.claim(key, for: publication.event.id, at: now.instant)
            return self.decide(verdict, publication, at: now)
        }
        guard self.places.reserve(of: .events, at: home) else {
            self.releasePlaces(wantsCount: publication.wantsCount)
            return self.answer(publication.answer, .failure(ResponseError(.busy)), at: now)
        }
        guard self.places.reserve(of: .events, at: self.loop) else {
            self.places.release(of: .events, at: home)
            self.releasePlaces(wantsCount: publication.wantsCount)
            return self.answer(publication.answer, .failure(ResponseError(.busy)), at: now)
        }
        let slot = self.publications.insert(publication)
        self.effects.append(
            .post(.claimKey(key, event: publication.event.id, from: self.loop, publication: slot), to: home))
    }

    /// The keeper of the key has answered.
    mutating func keyDecided(_ verdict: PublishKeyVerdict, publication slot: UInt32, at now: Moment) {
        let publication = self.publications[slot]
        self.publications.remove(slot)
        self.decide(verdict, publication, at: now)
    }

    private mutating func decide(_ verdict: PublishKeyVerdict, _ publication: Publication, at now: Moment) {
        switch verdict {
        case .granted:
            self.post(publication, at: now)
        case .used(let event):
            self.releasePlaces(wantsCount: publication.wantsCount)
            self.answer(publication.answer, .success(Self.publishedData(event, receiverCount: nil)), at: now)
        }
    }

    /// Sends the event to every loop. It was accepted: that its publisher may be gone by now changes nothing.
    private mutating func post(_ publication: Publication, at now: Moment) {
        var publication = publication
        let event = publication.event
        self.counters.add(self.metrics.eventsPublished[event.channel])
        publication.receiverCount = self.fanOut(event, at: now)
        publication.awaitedCount = self.otherLoopCount
        guard publication.wantsCount, publication.awaitedCount > 0 else {
            for loop in 0..<self.places.loopCount where loop != self.loop {
                self.effects.append(.post(.event(event, report: nil), to: loop))
            }
            let count = publication.wantsCount ? publication.receiverCount : nil
            return self.answer(publication.answer, .success(Self.publishedData(event.id, receiverCount: count)), at: now)
        }
        let slot = self.publications.insert(publication)
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
        self.answer(
            publication.answer,
            .success(Self.publishedData(publication.event.id, receiverCount: publication.receiverCount)), at: now)
    }

    private static func publishedData(_ event: EventID, receiverCount: Int?) -> [UInt8] {
        var data: [UInt8] = []
        data.append("{\"event\":")
        data.append(jsonString: event.text)
        if let receiverCount {
            data.append(",\"receivers\":")
            data.append(decimal: Int64(receiverCount))
        }
        data.append(UInt8(ascii: "}"))
        return data
    }
}

extension Grant {
    /// Whether it opens the administrative side.
    var isAdministrator: Bool { self.permits(channel: "system".utf8.span, action: "admin".utf8.span) }
}
