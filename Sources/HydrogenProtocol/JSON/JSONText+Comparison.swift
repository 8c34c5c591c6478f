extension JSONText {
    /// Negative, zero or positive as the first string comes before, is, or comes after the second, by code point.
    package static func compare(
        _ left: JSONText, in leftBytes: Span<UInt8>, _ right: JSONText, in rightBytes: Span<UInt8>
    ) -> Int {
        right.withBytes(in: rightBytes) { left.compare(in: leftBytes, to: $0) }
    }

    /// Negative, zero or positive as the string comes before, is, or comes after another one that has no escapes.
    /// The order of UTF-8 bytes is that of code points.
    package func compare(in bytes: Span<UInt8>, to other: Span<UInt8>) -> Int {
        guard self.hasEscapes else { return bytes.extracting(self.range.indices).compare(to: other) }
        var reader = self.decodedBytes
        var index = 0
        while let byte = reader.next(in: bytes) {
            guard index < other.count else { return 1 }
            guard byte == other[index] else { return Int(byte) - Int(other[index]) }
            index += 1
        }
        return index < other.count ? -1 : 0
    }
}

extension Span where Element == UInt8 {
    /// Negative, zero or positive as these bytes come before, are, or come after the others, byte by byte.
    package func compare(to other: Span<UInt8>) -> Int {
        let shared = Swift.min(self.count, other.count)
        var index = 0
        while index &+ 8 <= shared, self.word(at: index) == other.word(at: index) { index &+= 8 }
        while index < shared {
            guard self[index] == other[index] else { return Int(self[index]) - Int(other[index]) }
            index &+= 1
        }
        return self.count - other.count
    }
}
