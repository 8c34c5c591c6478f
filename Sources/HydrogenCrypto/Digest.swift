import HydrogenProtocol

/// A SHA-256 value, or an HMAC made with it: 32 octets, kept as four words, most significant octet first.
package struct Digest: Sendable, Hashable {
    package static let byteCount = 32

    package var words: (UInt64, UInt64, UInt64, UInt64)

    package init(words: (UInt64, UInt64, UInt64, UInt64)) {
        self.words = words
    }

    /// The 32 octets in order; nil for any other count.
    package init?(_ bytes: Span<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        self.words = (
            Self.word(bytes, at: 0), Self.word(bytes, at: 8), Self.word(bytes, at: 16), Self.word(bytes, at: 24)
        )
    }

    /// From 64 hexadecimal digits of either case; nil for anything else.
    package init?(hexadecimal text: Span<UInt8>) {
        guard let octets = Hexadecimal.decode(text, acceptsUpperCase: true) else { return nil }
        self.init(octets.span)
    }

    /// The octet at `index`, 0 to 31.
    package subscript(index: Int) -> UInt8 {
        let word =
            switch index >> 3 {
            case 0: self.words.0
            case 1: self.words.1
            case 2: self.words.2
            default: self.words.3
            }
        return UInt8(truncatingIfNeeded: word >> UInt64(56 - (index & 7) * 8))
    }

    /// Appends the 32 octets.
    package func append(to output: inout [UInt8]) {
        for index in 0..<Self.byteCount { output.append(self[index]) }
    }

    /// Appends 64 hexadecimal digits in lower case.
    package func appendHexadecimal(to output: inout [UInt8]) {
        for index in 0..<Self.byteCount { Hexadecimal.append(self[index], to: &output) }
    }

    /// 64 hexadecimal digits in lower case.
    package var hexadecimal: String {
        var text: [UInt8] = []
        text.reserveCapacity(Self.byteCount * 2)
        self.appendHexadecimal(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Whether two digests are the same, in a time that does not depend on where they differ.
    package func equalsInConstantTime(_ other: Digest) -> Bool {
        (self.words.0 ^ other.words.0) | (self.words.1 ^ other.words.1)
            | (self.words.2 ^ other.words.2) | (self.words.3 ^ other.words.3) == 0
    }

    package static func == (left: Digest, right: Digest) -> Bool { left.equalsInConstantTime(right) }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(self.words.0)
        hasher.combine(self.words.1)
        hasher.combine(self.words.2)
        hasher.combine(self.words.3)
    }

    private static func word(_ bytes: Span<UInt8>, at start: Int) -> UInt64 {
        var word: UInt64 = 0
        for index in start..<start + 8 { word = word << 8 | UInt64(bytes[index]) }
        return word
    }
}
