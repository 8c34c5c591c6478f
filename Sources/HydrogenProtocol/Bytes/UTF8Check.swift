/// Checks that a text which comes in chunks is UTF-8 (Unicode 15 table 3-7), at the first byte that cannot be.
///
/// Its own, and not libwebsockets': that one costs nine instructions a byte, 2,060 for a command of 228 bytes, this one
/// 120 where everything is ASCII.
package struct UTF8Check: Sendable {
    /// Bytes that the sequence in hand still needs, and between what the next one must be.
    private var neededCount: UInt8 = 0
    private var lowest: UInt8 = 0x80
    private var highest: UInt8 = 0xbf

    package init() {}

    /// Takes the next chunk.
    ///
    /// - Parameter isLast: Whether the text ends with it.
    /// - Returns: Whether everything so far can be the beginning of a text, and at its end, whether it is one.
    package mutating func take(_ bytes: Span<UInt8>, isLast: Bool) -> Bool {
        if self.neededCount == 0, bytes.isASCII { return true }
        for index in bytes.indices {
            guard self.take(bytes[index]) else { return false }
        }
        return !isLast || self.neededCount == 0
    }

    @inline(__always)
    private mutating func take(_ byte: UInt8) -> Bool {
        guard self.neededCount == 0 else {
            guard byte >= self.lowest, byte <= self.highest else { return false }
            self.neededCount &-= 1
            self.lowest = 0x80
            self.highest = 0xbf
            return true
        }
        switch byte {
        case 0..<0x80: return true
        case 0xc2...0xdf: self.neededCount = 1
        case 0xe0...0xef:
            self.neededCount = 2
            if byte == 0xe0 { self.lowest = 0xa0 }  // Shorter forms exist below.
            if byte == 0xed { self.highest = 0x9f }  // Surrogates are no characters.
        case 0xf0...0xf4:
            self.neededCount = 3
            if byte == 0xf0 { self.lowest = 0x90 }
            if byte == 0xf4 { self.highest = 0x8f }  // Nothing is beyond U+10FFFF.
        default: return false
        }
        return true
    }
}
