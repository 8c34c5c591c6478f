/// The name of a channel: `[a-z][a-z0-9_-]{0,63}`.
package enum ChannelName {
    package static let maxCount = 64

    package static func isValid(_ bytes: Span<UInt8>) -> Bool {
        guard !bytes.isEmpty, bytes.count <= self.maxCount, NameByte.startsName(bytes[0]) else { return false }
        for index in bytes.indices {
            guard NameByte.continuesName(bytes[index]) else { return false }
        }
        return true
    }
}

/// The name of an action: segments `[a-z][a-z0-9_-]*` joined by dots, 128 bytes at most.
package enum ActionName {
    package static let maxCount = 128

    package static func isValid(_ bytes: Span<UInt8>) -> Bool {
        guard !bytes.isEmpty, bytes.count <= self.maxCount else { return false }
        var startsSegment = true
        for index in bytes.indices {
            let byte = bytes[index]
            if startsSegment {
                guard NameByte.startsName(byte) else { return false }
                startsSegment = false
            } else if byte == UInt8(ascii: ".") {
                startsSegment = true
            } else {
                guard NameByte.continuesName(byte) else { return false }
            }
        }
        return !startsSegment
    }
}

/// The id of a message: 1 to 128 bytes of UTF-8 without control characters (U+0000 to U+001F, U+007F to U+009F).
package enum EnvelopeID {
    package static let maxCount = 128

    package static func isValid(_ bytes: Span<UInt8>) -> Bool {
        guard !bytes.isEmpty, bytes.count <= self.maxCount else { return false }
        if bytes.allWords(pass: self.isPlain) == true { return true }
        for index in bytes.indices {
            let byte = bytes[index]
            if byte < 0x20 || byte == 0x7f { return false }
            // The second byte of U+0080 to U+009F.
            if byte < 0xa0, byte >= 0x80, index > 0, bytes[index - 1] == 0xc2 { return false }
        }
        return true
    }
}

extension EnvelopeID {
    /// Whether all bytes of a word are from 0x20 to 0x7e.
    @inline(__always)
    private static func isPlain(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let marks = word | (word &+ ones) | (word &- ones &* 0x20)
        return marks & (ones &* 0x80) == 0
    }
}

/// The bytes that names are made of.
enum NameByte {
    @inline(__always)
    static func startsName(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "a") < 26 }

    @inline(__always)
    static func continuesName(_ byte: UInt8) -> Bool {
        self.startsName(byte) || byte &- UInt8(ascii: "0") < 10 || byte == UInt8(ascii: "_")
            || byte == UInt8(ascii: "-")
    }
}
