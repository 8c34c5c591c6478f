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
        guard offset &+ CompactName.byteCount <= bytes.count else { return nil }
        let name = CompactName(bytes, at: offset)
        @inline(__always)
        func found(_ member: EnvelopeMember, _ text: StaticString) -> (member: EnvelopeMember, end: Int)? {
            name.begins(with: text) ? (member, offset &+ text.utf8CodeUnitCount) : nil
        }
        guard owner == nil else { return found(.token, "\"token\":") ?? found(.signature, "\"signature\":") }
        switch name.firstLetter {
        case UInt8(ascii: "i"): return found(.id, "\"id\":")
        case UInt8(ascii: "t"): return found(.type, "\"type\":") ?? found(.timestamp, "\"timestamp\":")
        case UInt8(ascii: "c"): return found(.channel, "\"channel\":")
        case UInt8(ascii: "a"): return found(.action, "\"action\":") ?? found(.auth, "\"auth\":")
        case UInt8(ascii: "d"): return found(.data, "\"data\":")
        case UInt8(ascii: "o"): return found(.offset, "\"offset\":")
        default: return nil
        }
    }

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

/// The bytes at which a name may begin, to be compared with literals without a loop.
private struct CompactName {
    static let byteCount = 12

    private let word: UInt64
    private let halfWord: UInt32

    @inline(__always)
    init(_ bytes: Span<UInt8>, at offset: Int) {
        self.word = bytes.word(at: offset)
        self.halfWord = bytes.halfWord(at: offset &+ 8)
    }

    /// What stands behind the quote.
    @inline(__always)
    var firstLetter: UInt8 { UInt8(truncatingIfNeeded: self.word &>> 8) }

    /// - Parameter text: at most twelve bytes. The compiler makes numbers of them.
    @inline(__always)
    func begins(with text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        let unused = UInt64(8 &* (8 &- min(count, 8)))
        guard (self.word ^ Self.number(text, 0..<min(count, 8))) &<< unused == 0 else { return false }
        let unusedHalf = UInt32(8 &* (12 &- max(count, 8)))
        return count <= 8
            || (self.halfWord ^ UInt32(truncatingIfNeeded: Self.number(text, 8..<count))) &<< unusedHalf == 0
    }

    /// Some of the bytes, the first one in the lowest bits.
    @inline(__always)
    private static func number(_ text: StaticString, _ range: Range<Int>) -> UInt64 {
        var number: UInt64 = 0
        for index in range.reversed() { number = number &<< 8 | UInt64(text.byte(at: index)) }
        return number
    }
}
