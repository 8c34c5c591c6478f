/// A string of a checked JSON text: where it stands, still with its escapes.
@usableFromInline
package struct JSONText: Sendable, Hashable {
    /// What stands between the quotes.
    @usableFromInline package var range: ByteRange
    @usableFromInline package var hasEscapes: Bool

    package init(_ range: ByteRange, hasEscapes: Bool) {
        self.range = range
        self.hasEscapes = hasEscapes
    }

    /// Whether it is this literal, once its escapes are read.
    @inline(__always)
    package func equals(_ name: StaticString, in bytes: Span<UInt8>) -> Bool {
        self.hasEscapes
            ? self.withBytes(in: bytes) { $0.isEqual(to: name) }
            : bytes.extracting(self.range.indices).isEqual(to: name)
    }

    /// Its UTF-8 without escapes, for the length of a call. Allocates only where a long string has escapes.
    @inlinable @inline(__always)
    package func withBytes<Result: ~Copyable, Failure: Error>(
        in bytes: Span<UInt8>, _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        if !self.hasEscapes { return try body(bytes.extracting(self.range.indices)) }
        return try self.withDecodedBytes(in: bytes, body)
    }

    /// Its UTF-8 without escapes.
    package func decoded(in bytes: Span<UInt8>) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(self.range.count)
        self.appendDecoded(in: bytes, to: &out)
        return out
    }

    package func string(in bytes: Span<UInt8>) -> String {
        String(decoding: self.decoded(in: bytes), as: UTF8.self)
    }

    /// Appends its UTF-8 without escapes.
    package func appendDecoded(in bytes: Span<UInt8>, to out: inout [UInt8]) {
        guard self.hasEscapes else { return out.append(bytes, self.range) }
        var reader = self.decodedBytes
        while let byte = reader.next(in: bytes) { out.append(byte) }
    }

    /// Its bytes one by one, without escapes.
    package var decodedBytes: JSONTextBytes { JSONTextBytes(self.range) }

    /// No string grows by decoding, so a short one fits on the stack.
    @inline(never) @usableFromInline
    func withDecodedBytes<Result: ~Copyable, Failure: Error>(
        in bytes: Span<UInt8>, _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        guard self.range.count <= 256 else { return try body(self.decoded(in: bytes).span) }
        var buffer = InlineArray<256, UInt8>(repeating: 0)
        var count = 0
        var reader = self.decodedBytes
        while let byte = reader.next(in: bytes) {
            buffer[count] = byte
            count += 1
        }
        return try body(buffer.span.extracting(first: count))
    }
}

/// Goes through the bytes of a string, and reads its escapes on the way.
package struct JSONTextBytes: Sendable {
    private var index: Int
    private let end: Int
    /// What is left of the UTF-8 of an escape, the next byte in the lowest bits.
    private var pending: UInt32 = 0
    private var pendingCount = 0

    init(_ range: ByteRange) {
        self.index = Int(range.lowerBound)
        self.end = Int(range.upperBound)
    }

    package mutating func next(in bytes: Span<UInt8>) -> UInt8? {
        if self.pendingCount > 0 { return self.nextPending() }
        guard self.index < self.end else { return nil }
        let byte = bytes[self.index]
        guard byte == UInt8(ascii: "\\") else {
            self.index &+= 1
            return byte
        }
        // A checked string has no other escapes.
        guard let escape = try? JSONScanner.escape(in: bytes, at: self.index) else { return nil }
        self.index = escape.end
        self.encode(escape.scalar)
        return self.nextPending()
    }

    private mutating func nextPending() -> UInt8 {
        let byte = UInt8(truncatingIfNeeded: self.pending)
        self.pending &>>= 8
        self.pendingCount &-= 1
        return byte
    }

    /// Takes the UTF-8 of a scalar (RFC 3629 §3).
    private mutating func encode(_ scalar: UInt32) {
        switch scalar {
        case 0..<0x80:
            self.pending = scalar
            self.pendingCount = 1
        case 0x80..<0x800:
            self.pending = 0xc0 | scalar &>> 6 | (0x80 | scalar & 0x3f) &<< 8
            self.pendingCount = 2
        case 0x800..<0x10000:
            self.pending = 0xe0 | scalar &>> 12 | (0x80 | scalar &>> 6 & 0x3f) &<< 8 | (0x80 | scalar & 0x3f) &<< 16
            self.pendingCount = 3
        default:
            self.pending =
                0xf0 | scalar &>> 18 | (0x80 | scalar &>> 12 & 0x3f) &<< 8
                | (0x80 | scalar &>> 6 & 0x3f) &<< 16 | (0x80 | scalar & 0x3f) &<< 24
            self.pendingCount = 4
        }
    }
}
