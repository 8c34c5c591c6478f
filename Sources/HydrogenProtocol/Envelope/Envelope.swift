/// What a client's message says: ranges of its bytes, each there only if it is of its type and form.
package struct Envelope: Sendable {
    package enum Kind: UInt8, Sendable, CaseIterable {
        case command, event, response, ack

        init?(_ text: JSONText, in bytes: Span<UInt8>) {
            if text.equals("command", in: bytes) {
                self = .command
            } else if text.equals("ack", in: bytes) {
                self = .ack
            } else if text.equals("event", in: bytes) {
                self = .event
            } else if text.equals("response", in: bytes) {
                self = .response
            } else {
                return nil
            }
        }
    }

    package var kind: Kind?
    /// 1 to 128 bytes without control characters.
    package var id: JSONText?
    /// RFC 3339 in UTC; `Timestamp.parse` gives its value.
    package var timestamp: JSONText?
    package var channel: JSONText?
    package var action: JSONText?
    /// An object; nil stands for `{}`.
    package var data: JSONValue?
    package var token: JSONText?
    package var signature: JSONText?
    /// From 1. Only of an ack.
    package var offset: Int64?

    package init() {}
}

/// Why a message is refused.
package struct EnvelopeFault: Sendable, Hashable {
    /// Of category `protocol`.
    package var code: ErrorCode
    /// The member that is at fault, where one is.
    package var field: StaticString? { self.member?.name }

    var member: EnvelopeMember?

    init(_ code: ErrorCode, _ member: EnvelopeMember? = nil) {
        self.code = code
        self.member = member
    }
}

/// The members that the reader knows, in the order in which their faults are told.
enum EnvelopeMember: UInt8, Sendable, CaseIterable {
    case type, id, timestamp, channel, action, data, auth, token, signature, offset

    var name: StaticString {
        switch self {
        case .type: "type"
        case .id: "id"
        case .timestamp: "timestamp"
        case .channel: "channel"
        case .action: "action"
        case .data: "data"
        case .auth: "auth"
        case .token: "auth.token"
        case .signature: "auth.signature"
        case .offset: "offset"
        }
    }

    /// The member of an envelope that has this name. A name is compared as one word.
    @inline(__always)
    init?(envelopeName name: JSONText, in bytes: Span<UInt8>) {
        let start = Int(name.range.lowerBound)
        let count = name.range.count
        guard !name.hasEscapes, count >= 2, start &+ 8 <= bytes.count else {
            self.init(rareName: name, in: bytes)
            return
        }
        let bitCount = UInt64(truncatingIfNeeded: 8 &* min(count, 8))
        let word = bytes.word(at: start) & (UInt64.max &>> (64 &- bitCount))
        switch count {
        case 2 where word == Self.word("id"): self = .id
        case 4 where word == Self.word("type"): self = .type
        case 4 where word == Self.word("data"): self = .data
        case 4 where word == Self.word("auth"): self = .auth
        case 6 where word == Self.word("action"): self = .action
        case 6 where word == Self.word("offset"): self = .offset
        case 7 where word == Self.word("channel"): self = .channel
        case 9 where word == Self.word("timestam") && bytes[start &+ 8] == UInt8(ascii: "p"): self = .timestamp
        default: return nil
        }
    }

    /// At most eight letters, the first one in the lowest bits. The compiler makes a number of it.
    @inline(__always)
    private static func word(_ letters: StaticString) -> UInt64 {
        var word: UInt64 = 0
        for index in (0..<letters.utf8CodeUnitCount).reversed() { word = word &<< 8 | UInt64(letters.byte(at: index)) }
        return word
    }

    /// A name with escapes, or at the very end of a message.
    @inline(never)
    private init?(rareName name: JSONText, in bytes: Span<UInt8>) {
        let members: [EnvelopeMember] = [.type, .id, .timestamp, .channel, .action, .data, .auth, .offset]
        guard let member = members.first(where: { name.equals($0.name, in: bytes) }) else { return nil }
        self = member
    }

    /// The member of `auth` that has this name.
    init?(authName name: JSONText, in bytes: Span<UInt8>) {
        if name.equals("token", in: bytes) {
            self = .token
        } else if name.equals("signature", in: bytes) {
            self = .signature
        } else {
            return nil
        }
    }

    /// A set of members, for what was seen of a message.
    struct Set: Sendable {
        private var bits: UInt16 = 0

        @inline(__always)
        func contains(_ member: EnvelopeMember) -> Bool { self.bits &>> UInt16(member.rawValue) & 1 == 1 }

        @inline(__always)
        mutating func insert(_ member: EnvelopeMember) { self.bits |= 1 &<< UInt16(member.rawValue) }
    }
}
