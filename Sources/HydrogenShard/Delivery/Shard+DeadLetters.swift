import HydrogenProtocol

/// A guaranteed event that one session will never get.
struct DeadLetter {
    var event: PublishedEvent
    var session: String
    var identity: String
    var offset: Int64
    var attempts: Int
}

extension Shard {
    private static let deadLetterAction = Array("dead_letter".utf8)

    /// An event of a session becomes a dead letter: its client is told of the gap, and administrators of the loss.
    mutating func giveUp(_ offset: Int64, of session: UInt32) {
        let entry = self.sessions[session].outbox[offset]
        guard let event = entry.event else { return }
        if !KnownBug.gapForgotten.isLoose {
            self.sessions[session].outbox.gaps.add(offset, nextSending: self.sessions[session].outbox.cursor)
        }
        if entry.state == .queued { self.tellInPlace(of: offset, session) }
        self.note(session) { $0.isRecord = true }
        self.settle(offset, of: session, .dead)
        self.deadLetters.append(
            DeadLetter(
                event: event, session: self.sessions[session].id, identity: self.sessions[session].grant.identity,
                offset: offset, attempts: Int(entry.attempts)))
    }

    /// The connection has not written the event yet: it tells of the loss in its place, before what comes behind it. (One
    /// of another loop writes the event all the same.)
    private mutating func tellInPlace(of offset: Int64, _ session: UInt32) {
        guard case .here(let id) = self.sessions[session].attachment, let slot = self.connections.slot(of: id) else { return }
        let sendings = self.connections[slot].sendings
        guard let place = (0..<sendings.count).first(where: { sendings[$0]?.offset == offset }),
            let gap = self.sessions[session].outbox.gaps.tellInPlace(of: offset)
        else { return }
        self.connections[slot].sendings.replace(place, with: Sending(gap))
    }

    /// Tells log and administrators what became a dead letter in this turn. Where a loop has no place for it, the log
    /// alone does.
    mutating func announceDeadLetters(at now: Moment) {
        var index = 0
        // What announces them may itself find a full outbox.
        while index < self.deadLetters.count {
            let letter = self.deadLetters[index]
            index += 1
            self.effects.append(
                .log(
                    .deadLetter(
                        event: letter.event.id, channel: self.configuration.channels[letter.event.channel].name,
                        action: String(decoding: letter.event.action, as: UTF8.self), session: letter.session,
                        identity: letter.identity, offset: letter.offset, attempts: letter.attempts)))
            // An announcement that nobody takes must not bring about another one.
            let isAnnouncement = letter.event.channel == self.channels.system
                && letter.event.action == Self.deadLetterAction
            if !isAnnouncement { self.announce(letter, at: now) }
        }
        self.deadLetters.removeAll(keepingCapacity: true)
    }

    private mutating func announce(_ letter: DeadLetter, at now: Moment) {
        guard self.places.reserveEverywhere(of: .events, except: self.loop) else { return }
        let data = self.data(of: letter)
        self.eventNumber += 1
        let event = PublishedEvent(
            EventID(origin: self.eventOrigin, loop: UInt32(self.loop), number: self.eventNumber),
            channel: self.channels.system, named: self.channels[self.channels.system].name,
            action: Self.deadLetterAction, data: data.span, priority: .normal, isRetained: false,
            audience: .administrators, sequence: self.ledger.nextPublishSequence(), writer: &self.writer, at: now)
        self.counters.add(self.metrics.eventsPublished[event.channel])
        _ = self.fanOut(event, at: now)
        for loop in 0..<self.places.loopCount where loop != self.loop {
            self.effects.append(.post(.event(event, report: nil), to: loop))
        }
    }

    private func data(of letter: DeadLetter) -> [UInt8] {
        var data: [UInt8] = []
        data.append("{\"event\":")
        data.append(jsonString: letter.event.id.text)
        data.append(",\"channel\":")
        data.append(jsonString: self.configuration.channels[letter.event.channel].name)
        data.append(",\"action\":")
        let action = letter.event.action
        data.append(jsonString: action.span)
        data.append(",\"session\":")
        data.append(jsonString: letter.session)
        data.append(",\"identity\":")
        data.append(jsonString: letter.identity)
        data.append(",\"offset\":")
        data.append(decimal: letter.offset)
        data.append(",\"attempts\":")
        data.append(decimal: Int64(letter.attempts))
        data.append(UInt8(ascii: "}"))
        return data
    }
}
