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

    /// Whether its value must be a string.
    @inline(__always)
    var isText: Bool {
        switch self {
        case .type, .id, .timestamp, .channel, .action, .token, .signature: true
        case .data, .auth, .offset: false
        }
    }

    /// The member whose name stands at an offset, its quotes and its colon right behind it, as most clients write it. It is
    /// compared by words: 15 instructions, where it takes 110 to read a name, look for the colon, and then compare.
    ///
    /// - Parameter owner: nil for the envelope itself, or `auth`.
    /// - Returns: nil for everything else, known names in another form among it.
    @inline(__always)
    static func compact(
        of owner: EnvelopeMember?, in bytes: Span<UInt8>, at offset: Int
    ) -> (member: EnvelopeMember, end: Int)? {
        guard offset &+ 16 <= bytes.count else { return nil }
        let word = bytes.word(at: offset)
        guard owner == nil else {
            if word == self.word("\"token\":") { return (.token, offset &+ 8) }
            let isSignature = word == self.word("\"signatu") && bytes.halfWord(at: offset &+ 8) == self.halfWord("re\":")
            return isSignature ? (.signature, offset &+ 12) : nil
        }
        let next = bytes.halfWord(at: offset &+ 8)
        switch UInt8(truncatingIfNeeded: word &>> 8) {
        case UInt8(ascii: "i") where word &<< 24 == self.word("\"id\":") &<< 24: return (.id, offset &+ 5)
        case UInt8(ascii: "t") where word &<< 8 == self.word("\"type\":") &<< 8: return (.type, offset &+ 7)
        case UInt8(ascii: "t") where word == self.word("\"timesta") && next == self.halfWord("mp\":"):
            return (.timestamp, offset &+ 12)
        case UInt8(ascii: "c") where word == self.word("\"channel") && next &<< 16 == self.halfWord("\":") &<< 16:
            return (.channel, offset &+ 10)
        case UInt8(ascii: "a") where word == self.word("\"action\"") && next &<< 24 == self.halfWord(":") &<< 24:
            return (.action, offset &+ 9)
        case UInt8(ascii: "a") where word &<< 8 == self.word("\"auth\":") &<< 8: return (.auth, offset &+ 7)
        case UInt8(ascii: "d") where word &<< 8 == self.word("\"data\":") &<< 8: return (.data, offset &+ 7)
        case UInt8(ascii: "o") where word == self.word("\"offset\"") && next &<< 24 == self.halfWord(":") &<< 24:
            return (.offset, offset &+ 9)
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

    /// At most four letters, likewise.
    @inline(__always)
    private static func halfWord(_ letters: StaticString) -> UInt32 { UInt32(truncatingIfNeeded: self.word(letters)) }

    private static let ofEnvelope: [EnvelopeMember] = [.type, .id, .timestamp, .channel, .action, .data, .auth, .offset]

    /// The member of the envelope that has this name.
    init?(envelopeName name: JSONText, in bytes: Span<UInt8>) {
        guard let member = Self.ofEnvelope.first(where: { name.equals($0.name, in: bytes) }) else { return nil }
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
