import HydrogenProtocol

/// What a key's token looks like: `hk_` and 43 letters of base64url. Found as it stands, not where a client wrote it
/// with escapes.
enum KeyPattern {
    static let prefix: StaticString = "hk_"
    /// The size of a token in bytes.
    static let byteCount = 46

    /// Where the first token from `start` on begins; nil if there is none.
    static func first(in bytes: Span<UInt8>, from start: Int) -> Int? {
        // Of three bytes in a row one is at a place that is looked at.
        var place = start &+ 2
        while place < bytes.count {
            let begin: Int
            switch bytes[place] {
            case UInt8(ascii: "_"): begin = place &- 2
            case UInt8(ascii: "k"): begin = place &- 1
            case UInt8(ascii: "h"): begin = place
            default:
                place &+= 3
                continue
            }
            if begin &+ Self.byteCount <= bytes.count, Self.matches(bytes, from: begin, Self.byteCount) { return begin }
            place &+= 3
        }
        return nil
    }

    /// Where the end of `bytes`, from `start` on, may be the beginning of a token; its end if it cannot.
    static func beginningAtEnd(of bytes: Span<UInt8>, from start: Int) -> Int {
        var begin = max(start, bytes.count - (Self.byteCount - 1))
        while begin < bytes.count {
            if bytes[begin] == UInt8(ascii: "h"), Self.matches(bytes, from: begin, bytes.count - begin) { return begin }
            begin += 1
        }
        return begin
    }

    /// Whether the `count` bytes at `begin` are those of a token, as far as they go.
    private static func matches(_ bytes: Span<UInt8>, from begin: Int, _ count: Int) -> Bool {
        for offset in 0..<count {
            let byte = bytes[begin + offset]
            let isRight =
                switch offset {
                case 0: byte == UInt8(ascii: "h")
                case 1: byte == UInt8(ascii: "k")
                case 2: byte == UInt8(ascii: "_")
                default: Self.isLetter(byte)
                }
            guard isRight else { return false }
        }
        return true
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
