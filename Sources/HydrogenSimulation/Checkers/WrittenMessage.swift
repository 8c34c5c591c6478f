import HydrogenProtocol

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
}

/// What a response says for the oracles.
struct WrittenAnswer {
    var isOk = false
    /// The server does not know the session that was to be resumed, or the offset.
    var isSessionRefused = false
    /// A commit failed: nobody gets what was published.
    var isCommitRefused = false
    /// The number of the subscription that it names.
    var subscription: UInt32?
    /// Of the id of the event that it names; 0: none.
    var eventHash: UInt64 = 0
}

extension WrittenAnswer {
    init(_ bytes: Span<UInt8>) {
        self.init()
        guard let message = ServerMessage(bytes) else { return }
        guard !message.isError else {
            let code = message.error?.member("code", in: bytes)?.text
            self.isSessionRefused = code.map { $0.equals("session", in: bytes) || $0.equals("invalid_data", in: bytes) } ?? false
            self.isCommitRefused = code?.equals("failed", in: bytes) ?? false
            return
        }
        self.isOk = true
        if let text = message.data?.member("subscription", in: bytes)?.text?.string(in: bytes), text.hasPrefix("sub-") {
            self.subscription = UInt32(text.dropFirst(4))
        }
        if let event = message.data?.member("event", in: bytes)?.text {
            self.eventHash = event.withBytes(in: bytes) { textHash($0) }
        }
    }
}

extension WrittenEvent {
    /// What an event says for the oracles; nil for what is none.
    init?(_ bytes: Span<UInt8>) {
        guard let message = ServerMessage(bytes), let channel = message.channel, let action = message.action else {
            return nil
        }
        let kind = message.data?.member("kind", in: bytes)?.integer(in: bytes)
        let number = message.data?.member("n", in: bytes)?.integer(in: bytes)
        self.init(
            channel: channel.decoded(in: bytes), action: action.decoded(in: bytes), kind: kind.map { Int($0) },
            publish: number.flatMap { UInt32(exactly: $0) }, isRetained: message.isRetained, attempt: message.attempt,
            offset: message.offset, hash: message.offset > 0 ? message.id.map { $0.withBytes(in: bytes) { textHash($0) } } ?? 0 : 0)
    }
}

/// What the events of `system` say of the session that they go to.
enum WrittenNews {
    case session([UInt8])
    case gap(from: Int64, to: Int64)

    init?(_ event: WrittenEvent, _ bytes: Span<UInt8>) {
        guard let data = ServerMessage(bytes)?.data else { return nil }
        if event.action.elementsEqual("session".utf8), let id = data.member("session", in: bytes)?.text {
            self = .session(id.decoded(in: bytes))
        } else if event.action.elementsEqual("gap".utf8) {
            self = .gap(
                from: data.member("from", in: bytes)?.integer(in: bytes) ?? 0,
                to: data.member("to", in: bytes)?.integer(in: bytes) ?? 0)
        } else {
            return nil
        }
    }
}

/// FNV-1a: the same in every process.
func textHash(_ bytes: Span<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for index in bytes.indices { hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01b3 }
    return hash
}

extension Span where Element == UInt8 {
    func hasPrefix(_ literal: StaticString) -> Bool {
        let count = literal.utf8CodeUnitCount
        return self.count >= count && self.extracting(0..<count).isEqual(to: literal)
    }
}
