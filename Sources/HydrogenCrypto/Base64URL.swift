/// Octets as text of the alphabet that is safe in URLs and file names, without padding (RFC 4648 §5).
package enum Base64URL {
    /// The characters that `count` octets take.
    package static func encodedCount(of count: Int) -> Int { (count * 4 + 2) / 3 }

    /// Appends the text for `octets`.
    package static func append(encoding octets: Span<UInt8>, to output: inout [UInt8]) {
        var bits: UInt32 = 0
        var bitCount: UInt32 = 0
        for index in octets.indices {
            bits = bits << 8 | UInt32(octets[index])
            bitCount += 8
            while bitCount >= 6 {
                bitCount -= 6
                output.append(Self.character(bits >> bitCount & 63))
            }
            bits &= 63
        }
        if bitCount > 0 { output.append(Self.character(bits << (6 - bitCount) & 63)) }
    }

    /// Appends the octets of `text`; false, and nothing appended, for a character outside the alphabet, padding, a
    /// length that no octets have, or bits left over that are not zero: every value has exactly one text.
    package static func append(decoding text: Span<UInt8>, to output: inout [UInt8]) -> Bool {
        guard text.count % 4 != 1 else { return false }
        let start = output.count
        var bits: UInt32 = 0
        var bitCount: UInt32 = 0
        for index in text.indices {
            guard let value = Self.value(text[index]) else {
                output.removeSubrange(start...)
                return false
            }
            bits = bits << 6 | value
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                output.append(UInt8(truncatingIfNeeded: bits >> bitCount))
                bits &= (1 << bitCount) - 1
            }
        }
        guard bits == 0 else {
            output.removeSubrange(start...)
            return false
        }
        return true
    }

    private static func character(_ value: UInt32) -> UInt8 {
        let value = UInt8(truncatingIfNeeded: value)
        switch value {
        case 0..<26: return 0x41 + value
        case 26..<52: return 0x61 + value - 26
        case 52..<62: return 0x30 + value - 52
        case 62: return 0x2d
        default: return 0x5f
        }
    }

    private static func value(_ character: UInt8) -> UInt32? {
        switch character {
        case 0x41...0x5a: UInt32(character - 0x41)
        case 0x61...0x7a: UInt32(character - 0x61 + 26)
        case 0x30...0x39: UInt32(character - 0x30 + 52)
        case 0x2d: 62
        case 0x5f: 63
        default: nil
        }
    }
}
