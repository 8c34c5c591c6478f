import HydrogenProtocol
import HydrogenShard

/// What can be read of a client's message at its beginning, without taking it apart: cores write it in one way.
struct OutgoingMessage {
    enum Verb { case subscribe, unsubscribe, publish, resume, refresh, other }

    /// The number of a command; nil for an ack.
    var command: UInt32?
    var verb = Verb.other
    /// Whether somebody else than the loop answers.
    var isDeferred = false

    private static let head: StaticString = "{\"type\":\"command\",\"id\":\""

    init(_ bytes: Span<UInt8>, _ names: ChannelNames, readsNumberOnly: Bool) {
        guard bytes.hasPrefix(Self.head) else { return }
        self.command = Self.number(in: bytes, from: Self.head.utf8CodeUnitCount)
        if readsNumberOnly { return }
        guard let channelStart = Self.find("\"channel\":\"", in: bytes, from: Self.head.utf8CodeUnitCount),
            let channelEnd = Self.quote(in: bytes, from: channelStart),
            let actionStart = Self.find("\"action\":\"", in: bytes, from: channelEnd),
            let actionEnd = Self.quote(in: bytes, from: actionStart)
        else { return }
        let action = bytes.extracting(actionStart..<actionEnd)
        if action.isEqual(to: "subscribe") {
            self.verb = .subscribe
        } else if action.isEqual(to: "unsubscribe") {
            self.verb = .unsubscribe
        } else if action.isEqual(to: "publish") {
            self.verb = .publish
        } else if action.isEqual(to: "resume") {
            self.verb = .resume
        } else if action.isEqual(to: "refresh") {
            self.verb = .refresh
        } else {
            self.isDeferred = names.isServed(bytes.extracting(channelStart..<channelEnd), action)
        }
    }

    /// The number behind a text.
    static func number(after text: StaticString, in bytes: Span<UInt8>) -> UInt32? {
        self.find(text, in: bytes, from: 0).flatMap { self.number(in: bytes, from: $0) }
    }

    private static func number(in bytes: Span<UInt8>, from start: Int) -> UInt32? {
        var number: UInt32 = 0
        var index = start
        while index < bytes.count, number < 400_000_000 {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            number = number * 10 + UInt32(digit)
            index += 1
        }
        return index > start ? number : nil
    }

    /// Where a text ends.
    static func find(_ text: StaticString, in bytes: Span<UInt8>, from start: Int) -> Int? {
        let count = text.utf8CodeUnitCount
        var index = start
        while index + count <= bytes.count {
            // Everything that is looked for begins with a quotation mark.
            if bytes[index] == UInt8(ascii: "\""), bytes.extracting(index..<index + count).isEqual(to: text) {
                return index + count
            }
            index += 1
        }
        return nil
    }

    static func quote(in bytes: Span<UInt8>, from start: Int) -> Int? {
        var index = start
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "\"") { return index }
            index += 1
        }
        return nil
    }
}

extension CommandNote {
    /// What an ack says.
    static func ack(of bytes: Span<UInt8>) -> CommandNote {
        if let offset = OutgoingMessage.number(after: "\"offset\":", in: bytes) { return .ack(Int64(offset)) }
        guard let start = OutgoingMessage.find("\"id\":\"", in: bytes, from: 0),
            let end = OutgoingMessage.quote(in: bytes, from: start)
        else { return .none }
        return .ackID(textHash(bytes.extracting(start..<end)))
    }
}

/// Names of channels that services serve, and of their actions.
struct ChannelNames: Sendable {
    private var served: [(channel: [UInt8], actions: [[UInt8]])] = []

    init(_ channels: [ChannelDefinition]) {
        for channel in channels where channel.service != nil {
            self.served.append((Array(channel.name.utf8), channel.actions.map { Array($0.name.utf8) }))
        }
    }

    var isEmpty: Bool { self.served.isEmpty }

    func isServed(_ channel: Span<UInt8>, _ action: Span<UInt8>) -> Bool {
        for entry in self.served where entry.channel.span.isEqual(to: channel) {
            for name in entry.actions where name.span.isEqual(to: action) { return true }
        }
        return false
    }
}

extension [UInt8] {
    /// Puts 0 in the place of the number behind a text.
    mutating func zeroNumber(after text: StaticString) {
        guard let start = OutgoingMessage.find(text, in: self.span, from: 0) else { return }
        let end = self[start...].firstIndex { $0 < UInt8(ascii: "0") || $0 > UInt8(ascii: "9") } ?? self.endIndex
        self.replaceSubrange(start..<end, with: [UInt8(ascii: "0")])
    }

    func hasSuffix(_ suffix: [UInt8]) -> Bool {
        self.count >= suffix.count && self.span.extracting(self.count - suffix.count..<self.count).isEqual(to: suffix.span)
    }
}
