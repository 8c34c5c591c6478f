/// Bytes in the URL-safe alphabet without padding (RFC 4648 §5).
package enum Base64URL {
    package static func append(_ bytes: Span<UInt8>, to out: inout [UInt8]) {
        out.append(atMost: self.count(of: bytes.count)) { out in
            var index = 0
            while index &+ 3 <= bytes.count {
                let bits = UInt32(bytes[index]) &<< 16 | UInt32(bytes[index &+ 1]) &<< 8 | UInt32(bytes[index &+ 2])
                out.append(self.letter(bits &>> 18))
                out.append(self.letter(bits &>> 12))
                out.append(self.letter(bits &>> 6))
                out.append(self.letter(bits))
                index &+= 3
            }
            self.append(last: bytes.extracting(index...), to: &out)
        }
    }

    /// Two letters for one byte, three for two.
    private static func append(last bytes: Span<UInt8>, to out: inout OutputSpan<UInt8>) {
        guard bytes.count > 0 else { return }
        let bits = UInt32(bytes[0]) &<< 16 | (bytes.count > 1 ? UInt32(bytes[1]) &<< 8 : 0)
        out.append(self.letter(bits &>> 18))
        out.append(self.letter(bits &>> 12))
        if bytes.count > 1 { out.append(self.letter(bits &>> 6)) }
    }

    package static func encode(_ bytes: Span<UInt8>) -> String {
        var out: [UInt8] = []
        out.reserveCapacity(self.count(of: bytes.count))
        self.append(bytes, to: &out)
        return String(decoding: out, as: UTF8.self)
    }

    /// The letters that so many bytes take.
    package static func count(of byteCount: Int) -> Int { (byteCount * 4 + 2) / 3 }

    /// The bytes that a text stands for, where `encode` would give exactly this text; nil for every other text.
    package static func decode(_ text: Span<UInt8>) -> [UInt8]? {
        guard text.count % 4 != 1 else { return nil }
        var out: [UInt8] = []
        out.reserveCapacity(text.count * 3 / 4)
        var bits: UInt32 = 0
        var bitCount = 0
        for index in text.indices {
            guard let value = self.value(of: text[index]) else { return nil }
            bits = bits << 6 | UInt32(value)
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                out.append(UInt8(truncatingIfNeeded: bits >> UInt32(bitCount)))
                bits &= (1 << UInt32(bitCount)) - 1
            }
        }
        // Bits that belong to no byte would let two texts stand for the same bytes.
        return bits == 0 ? out : nil
    }

    private static let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

    /// The letter of the lower six bits: looked up, which is a third of what ranges cost.
    @inline(__always)
    private static func letter(_ bits: UInt32) -> UInt8 { self.alphabet.byte(at: Int(bits & 0x3f)) }

    private static func value(of letter: UInt8) -> UInt8? {
        switch letter {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): letter - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): letter - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): letter - UInt8(ascii: "0") + 52
        case UInt8(ascii: "-"): 62
        case UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
