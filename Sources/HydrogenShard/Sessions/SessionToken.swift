import HydrogenProtocol

/// The text of a session's token: `hs_` and 32 random bytes in base64url.
///
/// It is kept as words, which are compared without a reference to count, call or loop, for each message.
struct SessionToken: Sendable {
    /// Of its text. Base64url of 32 bytes has 43.
    static let byteCount = 46

    /// Eight bytes each, the first one in the lowest bits. The last word has the last eight: two of them again.
    private var words: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64)

    /// - Parameter random: 32 bytes.
    init(random: Span<UInt8>) {
        var text = Array("hs_".utf8)
        Base64URL.append(random, to: &text)
        self.words = Self.words(of: text.span)
    }

    var text: [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(Self.byteCount)
        for word in [self.words.0, self.words.1, self.words.2, self.words.3, self.words.4] {
            text.append(littleEndian: word, count: 8)
        }
        text.append(littleEndian: self.words.5 &>> 16, count: 6)
        return text
    }

    /// Whether a text is this token. The time depends on its length alone: all words are looked at, and only the union of
    /// their differences is compared. Not inlined, so that no caller's knowledge of the text can shorten it.
    @inline(never)
    func equals(_ text: Span<UInt8>) -> Bool {
        guard text.count == Self.byteCount else { return false }
        let (mine, other) = (self.words, Self.words(of: text))
        let difference =
            (mine.0 ^ other.0) | (mine.1 ^ other.1) | (mine.2 ^ other.2) | (mine.3 ^ other.3) | (mine.4 ^ other.4)
            | (mine.5 ^ other.5)
        return difference == 0
    }

    @inline(__always)
    private static func words(of text: Span<UInt8>) -> (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) {
        (
            text.word(at: 0), text.word(at: 8), text.word(at: 16), text.word(at: 24), text.word(at: 32),
            text.word(at: Self.byteCount - 8)
        )
    }
}

extension [UInt8] {
    fileprivate mutating func append(littleEndian word: UInt64, count: Int) {
        for index in 0..<count { self.append(UInt8(truncatingIfNeeded: word &>> UInt64(8 &* index))) }
    }
}
