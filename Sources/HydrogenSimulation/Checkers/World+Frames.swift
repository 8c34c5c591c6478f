import HydrogenConnection
import HydrogenProtocol
import HydrogenShard

/// What goes over the wire, looked at from outside: rules 3, 5 and 6.
extension World {
    /// A message of a client is whole, and about to be told to its loop.
    mutating func noteMessage(_ place: UInt32, _ link: UInt32) {
        let packet = self.packets[place]
        let client = self.links[link].client
        self.measures.count(.message, client: client, at: self.clock.now)
        // While it closes, the server drops what comes.
        guard self.mirror.kind(of: self.links[link].id, at: self.links[link].loop).isInService else { return }
        if packet.flags.contains(.isCommand) {
            self.links[link].owed.take(
                packet.number, isImmediate: !packet.flags.contains(.isDeferred), at: self.clock.now.nanoseconds)
            if packet.note != .none { self.noteCommand(packet, link, client) }
        } else if packet.note != .none {
            self.delivery.taken(
                packet.note, command: 0, &self.links[link].delivery, self.events.publishes, at: self.clock.now)
        } else if packet.flags.contains(.isForged) {
            self.links[link].owed.takeForged(packet.number)
        } else if packet.flags.contains(.isMalformed) {
            self.links[link].owed.takeAnonymous()
        } else if packet.flags.contains(.isWild) {
            self.links[link].owed.takeWild()
        }
    }

    private mutating func noteCommand(_ packet: Packet, _ link: UInt32, _ client: UInt32) {
        self.delivery.taken(
            packet.note, command: packet.number, &self.links[link].delivery, self.events.publishes, at: self.clock.now)
        guard self.watchesEvents(link) else { return self.events.takenLate(packet.note, at: self.clock.now) }
        self.noteTaken(packet.note, command: packet.number, of: client)
    }

    /// A publish of a backend is in the server's hands.
    mutating func publishTaken(_ number: UInt32, of publisher: UInt32) {
        self.noteTaken(.publish(number), command: number, of: publisher)
    }

    private mutating func noteTaken(_ note: CommandNote, command: UInt32, of client: UInt32) {
        let publish = self.events.taken(note, command: command, of: client, at: self.clock.now)
        guard let publish else { return }
        if let record = self.events.publishes[publish] {
            self.delivery.published(publish, record, at: self.clock.now)
        }
        for subscriber in self.events.subscribers where self.keepsUp(subscriber) {
            self.events.await(publish, subscriber, at: self.clock.now)
        }
    }

    /// Whether what goes over a link belongs to the session that its client has now: the server may still have a link of
    /// an earlier one.
    private func watchesEvents(_ link: UInt32) -> Bool {
        self.links[link].watchesEvents && self.links[link].session != 0
            && self.links[link].session == self.clients[Int(self.links[link].client)].session
    }

    /// Whether a client is in service, and was heard from lately: then it gets what is published.
    private func keepsUp(_ client: UInt32) -> Bool {
        let link = self.clients[Int(client)].link
        guard link != LinkTable.none, self.links[link].hasServerSide, self.links[link].grammar.phase == .open,
            !self.links[link].isPartiallyBuffered, !self.links[link].wantsWritable
        else { return false }
        let kind = self.mirror.kind(of: self.links[link].id, at: self.links[link].loop)
        return kind == .connected || kind == .heartbeat
    }

    /// Frames that the server wrote: whole, allowed in this state, and owed.
    mutating func checkFrames(_ place: UInt32, _ link: UInt32) {
        let client = self.links[link].client
        let kind = self.mirror.kind(of: self.links[link].id, at: self.links[link].loop)
        guard kind.isInService || kind == .closing else {
            return self.violate(3, "a frame for a connection in \(kind.label)", client: client)
        }
        var reader = FrameReader()
        do throws(FrameReader.Fault) {
            while let frame = try reader.next(self.packets[bytes: place].span) {
                switch frame.opcode {
                case .text: self.checkMessage(place, frame.payload, link)
                case .ping: break
                case .binary, .pong, .close: self.violate(3, "a frame \(frame.opcode)", client: client)
                }
            }
        } catch {
            self.violate(3, error.rawValue, client: client)
        }
    }

    private mutating func checkMessage(_ place: UInt32, _ payload: ByteRange, _ link: UInt32) {
        let client = self.links[link].client
        let message = WrittenMessage(self.packets[bytes: place].span.extracting(payload.indices))
        if self.trace.isOn { self.traceMessage(message, place, payload, client) }
        switch message {
        case .response(let number):
            let isForForged = number.map { self.links[link].owed.isForForged($0) } ?? false
            guard self.links[link].owed.answered(number) else {
                let text = number.map { "command \($0)" } ?? "nothing that was asked"
                return self.violate(5, "a response to \(text)", client: client)
            }
            if isForForged {
                self.checkRefused(WrittenAnswer(self.packets[bytes: place].span.extracting(payload.indices)), number, link)
            }
            guard let number, self.links[link].watchesEvents else { return }
            let answer = WrittenAnswer(self.packets[bytes: place].span.extracting(payload.indices))
            self.noteAnswer(number, answer, link, client)
        case .event:
            guard self.links[link].watchesEvents,
                let event = WrittenEvent(self.packets[bytes: place].span.extracting(payload.indices))
            else { return }
            self.noteEvent(event, place, payload, link, client)
        case .unknown:
            self.violate(3, "a message that is neither event nor response", client: client)
        }
    }

    private mutating func noteAnswer(_ number: UInt32, _ answer: WrittenAnswer, _ link: UInt32, _ client: UInt32) {
        let keptFrom = self.keptFrom(link)
        if self.links[link].delivery.resume?.command == number {
            let fault = self.delivery.resumed(
                answer.isOk, isRefusedForGood: answer.isSessionRefused, on: link, &self.links[link].delivery,
                keptFrom: keptFrom, at: self.clock.now)
            if let fault { self.violate(6, fault, client: client) }
            return
        }
        self.delivery.answered(number, answer, self.links[link].delivery, keptFrom: keptFrom)
        if self.watchesEvents(link) {
            self.events.answered(number, answer, of: client, keptFrom: keptFrom, at: self.clock.now)
        }
    }

    private mutating func noteEvent(
        _ event: WrittenEvent, _ place: UInt32, _ payload: ByteRange, _ link: UInt32, _ client: UInt32
    ) {
        if event.channel.elementsEqual("system".utf8) { return self.noteSystemEvent(event, place, payload, link, client) }
        var fault: String?
        if event.offset > 0 {
            fault = self.delivery.written(
                event, &self.links[link].delivery, on: link, isHeldUp: self.isHeldUp(link), at: self.clock.now)
        }
        if fault == nil, self.watchesEvents(link) { fault = self.events.written(event, to: client, at: self.clock.now) }
        if let fault { self.violate(6, fault, client: client) }
    }

    private mutating func noteSystemEvent(
        _ event: WrittenEvent, _ place: UInt32, _ payload: ByteRange, _ link: UInt32, _ client: UInt32
    ) {
        let news = WrittenNews(event, self.packets[bytes: place].span.extracting(payload.indices))
        switch news {
        case .session(let id):
            self.delivery.began(id, on: link, &self.links[link].delivery, at: self.clock.now)
        case .gap(let from, let to):
            let fault = self.delivery.gapWritten(
                from: from, to: to, &self.links[link].delivery, isHeldUp: self.isHeldUp(link), at: self.clock.now)
            if let fault { self.violate(6, fault, client: client) }
        case nil:
            break
        }
    }

    private mutating func traceMessage(
        _ message: WrittenMessage, _ place: UInt32, _ payload: ByteRange, _ client: UInt32
    ) {
        let bytes = self.packets[bytes: place].span.extracting(payload.indices)
        switch message {
        case .response(let number):
            let text = number.map { "\($0)" } ?? "–"
            self.trace.say("client \(client) ← response \(text)\(WrittenAnswer(bytes).isOk ? "" : " error")")
        case .event:
            let event = WrittenEvent(bytes)
            let number = event?.publish.map { "\($0)" } ?? String(decoding: event?.action ?? [], as: UTF8.self)
            self.trace.say("client \(client) ← event \(number)")
        case .unknown:
            self.trace.say("client \(client) ← unknown")
        }
    }

    /// Rule 5: before the close frame, everything that a loop answers by itself is answered; in a drain, everything.
    mutating func checkClose(_ link: UInt32, _ code: CloseCode) {
        // A send queue that is full has lost the response that filled it.
        guard code != .slowConsumer, self.links[link].grammar.phase != .faulted else { return }
        let client = self.links[link].client
        if self.links[link].owed.hasImmediate {
            return self.violate(5, "closed with \(code.rawValue) before a response was written", client: client)
        }
        guard code == .goingAway, let entry = self.links[link].owed.entries.first else { return }
        self.violate(5, "drained before command \(entry.number) was answered", client: client)
    }
}
