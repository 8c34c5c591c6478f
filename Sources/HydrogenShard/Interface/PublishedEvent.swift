import HydrogenProtocol

/// The id of an event, unique over restarts.
package struct EventID: Sendable, Hashable {
    /// Random, drawn once per loop and process.
    package var origin: UInt64
    package var loop: UInt32
    /// Rises by one per event of its origin.
    package var number: UInt64

    package init(origin: UInt64, loop: UInt32, number: UInt64) {
        self.origin = origin
        self.loop = loop
        self.number = number
    }

    /// The text on the wire: `e<origin>-<loop>-<number>`, in hexadecimal digits.
    package var text: String {
        var text: [UInt8] = []
        text.reserveCapacity(42)
        text.append(UInt8(ascii: "e"))
        Hexadecimal.append(number: self.origin, to: &text)
        text.append(UInt8(ascii: "-"))
        Hexadecimal.append(number: UInt64(self.loop), to: &text)
        text.append(UInt8(ascii: "-"))
        Hexadecimal.append(number: self.number, to: &text)
        return String(decoding: text, as: UTF8.self)
    }
}

extension EventID {
    /// From its text; nil for any other.
    package init?(_ text: Span<UInt8>) {
        guard text.count > 1, text[0] == UInt8(ascii: "e") else { return nil }
        var words: (UInt64, UInt64, UInt64) = (0, 0, 0)
        var part = 0
        var digitCount = 0
        for index in 1..<text.count {
            if text[index] == UInt8(ascii: "-") {
                guard digitCount > 0, part < 2 else { return nil }
                part += 1
                digitCount = 0
                continue
            }
            guard let digit = Hexadecimal.lowerCaseValue(of: text[index]), digitCount < 16 else { return nil }
            digitCount += 1
            switch part {
            case 0: words.0 = words.0 << 4 | UInt64(digit)
            case 1: words.1 = words.1 << 4 | UInt64(digit)
            default: words.2 = words.2 << 4 | UInt64(digit)
            }
        }
        guard part == 2, digitCount > 0, let loop = UInt32(exactly: words.1) else { return nil }
        self.init(origin: words.0, loop: loop, number: words.2)
    }
}

/// An event on its way to the sessions of every loop: encoded once, shared, never changed.
package final class PublishedEvent: Sendable {
    package let id: EventID
    /// Index into `ShardConfiguration.channels`.
    package let channel: Int
    package let action: [UInt8]
    /// The JSON text of the event without the members that differ per receiver and without the closing brace.
    package let body: [UInt8]
    /// Where `data` stands in `body`.
    package let data: ByteRange
    package let priority: Priority
    package let isRetained: Bool
    /// Whether each receiver has it kept until it acknowledges it.
    package let isGuaranteed: Bool
    package let audience: Audience
    /// Orders retained events of the same action over all loops.
    package let sequence: UInt64
    package let publishedAt: Instant

    /// What it counts for, where bytes are bounded.
    package var byteCount: Int { self.body.count }

    /// Encodes an event.
    /// - Parameters:
    ///   - channel: index of the channel, whose name is `named`.
    ///   - data: the JSON text of an object.
    ///   - writer: the caller's.
    package convenience init(
        _ id: EventID, channel: Int, named: [UInt8], action: [UInt8], data: Span<UInt8>, priority: Priority,
        isRetained: Bool, isGuaranteed: Bool = false, audience: Audience, sequence: UInt64, writer: inout EnvelopeWriter, at now: Moment
    ) {
        var body: [UInt8] = []
        body.reserveCapacity(data.count + named.count + action.count + 160)
        writer.appendEvent(
            to: &body, id: id.text.utf8.span, channel: named.span, action: action.span, data: data, at: now.wall)
        self.init(
            id: id, channel: channel, action: action, body: body,
            data: ByteRange(body.count - data.count, body.count), priority: priority, isRetained: isRetained,
            isGuaranteed: isGuaranteed, audience: audience, sequence: sequence, publishedAt: now.instant)
    }

    /// An event that was encoded before.
    /// - Parameter data: where its data stands in `body`.
    package init(
        id: EventID, channel: Int, action: [UInt8], body: [UInt8], data: ByteRange, priority: Priority,
        isRetained: Bool, isGuaranteed: Bool, audience: Audience, sequence: UInt64, publishedAt: Instant
    ) {
        self.id = id
        self.channel = channel
        self.action = action
        self.data = data
        self.body = body
        self.priority = priority
        self.isRetained = isRetained
        self.isGuaranteed = isGuaranteed
        self.audience = audience
        self.sequence = sequence
        self.publishedAt = publishedAt
    }
}

/// Which sessions an event is for.
package enum Audience: Sendable, Equatable {
    case subscribers
    /// The subscribers of this identity.
    case identity(String)
    /// The subscriber with this session.
    case session(String)
    /// The subscribers that satisfy both.
    case identityAndSession(identity: String, session: String)
    /// Every session, subscribed or not.
    case all
    /// The subscribers that may do what an administrator may.
    case administrators
}

/// Names what must not be published twice: a client's key, in the scope of its identity and channel.
package struct PublishKey: Sendable, Hashable {
    package var identity: String
    package var channel: Int
    package var key: [UInt8]

    package init(identity: String, channel: Int, key: [UInt8]) {
        self.identity = identity
        self.channel = channel
        self.key = key
    }

    /// The loop that keeps this key: the same in every process and on every machine (FNV-1a, not Swift's seeded hash).
    package func home(loopCount: Int) -> LoopIndex {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in self.identity.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        hash = (hash ^ UInt64(self.channel)) &* 0x0000_0100_0000_01b3
        for byte in self.key { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        return Int(hash % UInt64(loopCount))
    }
}

/// What the keeper of a key says of it.
package enum PublishKeyVerdict: Sendable, Equatable {
    /// The key is new, and now taken.
    case granted
    /// The key was used for this event.
    case used(EventID)
    /// A publish under this key waits for its commit.
    case pending
}
