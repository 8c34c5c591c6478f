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
            if packet.note != .none, self.watchesEvents(link) { self.noteCommand(packet, client) }
        } else if packet.flags.contains(.isMalformed) {
            self.links[link].owed.takeAnonymous()
        } else if packet.flags.contains(.isWild) {
            self.links[link].owed.takeWild()
        }
    }

    private mutating func noteCommand(_ packet: Packet, _ client: UInt32) {
        let publish = self.events.taken(packet.note, command: packet.number, of: client, at: self.clock.now)
        guard let publish else { return }
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
            guard self.links[link].owed.answered(number) else {
                let text = number.map { "command \($0)" } ?? "nothing that was asked"
                return self.violate(5, "a response to \(text)", client: client)
            }
            guard let number, self.watchesEvents(link) else { return }
            let answer = WrittenMessage.answer(self.packets[bytes: place].span.extracting(payload.indices))
            self.events.answered(number, isOk: answer.isOk, subscription: answer.subscription, of: client)
        case .event:
            guard self.watchesEvents(link),
                let event = WrittenMessage.event(self.packets[bytes: place].span.extracting(payload.indices)),
                !event.channel.elementsEqual("system".utf8)
            else { return }
            if let fault = self.events.written(event, to: client, at: self.clock.now) { self.violate(6, fault, client: client) }
        case .unknown:
            self.violate(3, "a message that is neither event nor response", client: client)
        }
    }

    private mutating func traceMessage(
        _ message: WrittenMessage, _ place: UInt32, _ payload: ByteRange, _ client: UInt32
    ) {
        let bytes = self.packets[bytes: place].span.extracting(payload.indices)
        switch message {
        case .response(let number):
            let text = number.map { "\($0)" } ?? "–"
            self.trace.say("client \(client) ← response \(text)\(WrittenMessage.answer(bytes).isOk ? "" : " error")")
        case .event:
            let event = WrittenMessage.event(bytes)
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

/// What can be read of a message at its beginning, without taking it apart.
enum WrittenMessage {
    /// The number of the command, if its id is one.
    case response(UInt32?)
    case event
    case unknown

    private static let responseHead: StaticString = "{\"type\":\"response\",\"id\":"
    private static let eventHead: StaticString = "{\"type\":\"event\",\"id\":"

    init(_ bytes: Span<UInt8>) {
        if bytes.hasPrefix(Self.eventHead) {
            self = .event
        } else if bytes.hasPrefix(Self.responseHead) {
            self = .response(Self.number(bytes, from: Self.responseHead.utf8CodeUnitCount))
        } else {
            self = .unknown
        }
    }

    /// A number in quotation marks.
    private static func number(_ bytes: Span<UInt8>, from start: Int) -> UInt32? {
        guard start < bytes.count, bytes[start] == UInt8(ascii: "\"") else { return nil }
        var number: UInt32 = 0
        var index = start + 1
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit < 10, number < 400_000_000 else { return nil }
            number = number * 10 + UInt32(digit)
            index += 1
        }
        return index > start + 1 ? number : nil
    }

    /// What a response says for the oracle.
    static func answer(_ bytes: Span<UInt8>) -> (isOk: Bool, subscription: UInt32?) {
        guard let message = ServerMessage(bytes) else { return (false, nil) }
        guard !message.isError else { return (false, nil) }
        let text = message.data?.member("subscription", in: bytes)?.text?.string(in: bytes)
        return (true, text.flatMap { $0.hasPrefix("sub-") ? UInt32($0.dropFirst(4)) : nil })
    }

    /// What an event says for the oracle.
    static func event(_ bytes: Span<UInt8>) -> WrittenEvent? {
        guard let message = ServerMessage(bytes), let channel = message.channel, let action = message.action else {
            return nil
        }
        let kind = message.data?.member("kind", in: bytes)?.integer(in: bytes)
        let number = message.data?.member("n", in: bytes)?.integer(in: bytes)
        return WrittenEvent(
            channel: channel.decoded(in: bytes), action: action.decoded(in: bytes), kind: kind.map { Int($0) },
            publish: number.flatMap { UInt32(exactly: $0) }, isRetained: message.isRetained,
            isRepeated: message.attempt > 1)
    }
}

extension Span where Element == UInt8 {
    func hasPrefix(_ literal: StaticString) -> Bool {
        let count = literal.utf8CodeUnitCount
        return self.count >= count && self.extracting(0..<count).isEqual(to: literal)
    }
}
