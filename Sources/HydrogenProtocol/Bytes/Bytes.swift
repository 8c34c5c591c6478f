/// The few places where bytes are handled in bulk: a span has no call of its own for it yet.
extension Span where Element == UInt8 {
    /// Eight bytes from `offset` on, the first one in the lowest bits. Traps where they are not all there.
    @inlinable @inline(__always)
    package func word(at offset: Int) -> UInt64 {
        // The load is checked against the bounds, and every pattern of bits is a number.
        UInt64(littleEndian: unsafe self.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// Four bytes, likewise.
    @inline(__always)
    func halfWord(at offset: Int) -> UInt32 {
        UInt32(littleEndian: unsafe self.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    /// Whether all bytes pass a test that looks at eight of them at once. The last eight may be looked at with some that were
    /// seen before; four to seven are made a word of their first and last four.
    ///
    /// - Returns: nil for fewer than four bytes.
    @inline(__always)
    package func allWords(pass test: (UInt64) -> Bool) -> Bool? {
        guard self.count >= 8 else {
            guard self.count >= 4 else { return nil }
            return test(UInt64(self.halfWord(at: 0)) | UInt64(self.halfWord(at: self.count &- 4)) &<< 32)
        }
        var index = 0
        while index &+ 8 <= self.count {
            guard test(self.word(at: index)) else { return false }
            index &+= 8
        }
        return index == self.count || test(self.word(at: self.count &- 8))
    }

    /// Whether no byte has its highest bit set. The compiler makes of this a loop over sixteen bytes at a time.
    var isASCII: Bool {
        unsafe self.withUnsafeBufferPointer { bytes in
            var seen: UInt8 = 0
            for index in 0..<bytes.count { unsafe seen |= bytes[index] }
            return seen < 0x80
        }
    }

    /// The part that a range names. Traps where it is not inside.
    @inlinable @inline(__always)
    package func withBytes<Result: ~Copyable, Failure: Error>(
        _ range: ByteRange, _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(self.extracting(range.indices))
    }

    /// Whether both hold the same bytes. Not in constant time: not for secrets.
    @inlinable
    package func isEqual(to other: Span<UInt8>) -> Bool {
        let count = self.count
        guard count == other.count else { return false }
        var index = 0
        while index &+ 8 <= count {
            guard self.word(at: index) == other.word(at: index) else { return false }
            index &+= 8
        }
        while index < count {
            guard self[index] == other[index] else { return false }
            index &+= 1
        }
        return true
    }

    /// Whether the bytes are those of a literal.
    @inline(__always)
    package func isEqual(to literal: StaticString) -> Bool {
        let count = literal.utf8CodeUnitCount
        guard self.count == count else { return false }
        if count >= 8 {
            // Whole words, the last of which may cover a part of the one before.
            var index = 0
            while index &+ 8 <= count {
                guard self.word(at: index) == literal.word(at: index) else { return false }
                index &+= 8
            }
            return self.word(at: count &- 8) == literal.word(at: count &- 8)
        }
        if count >= 4 {
            return self.halfWord(at: 0) == literal.halfWord(at: 0)
                && self.halfWord(at: count &- 4) == literal.halfWord(at: count &- 4)
        }
        for index in 0..<count {
            guard self[index] == literal.byte(at: index) else { return false }
        }
        return true
    }
}

extension Span where Element == UInt8 {
    /// Whether the bytes are those of a literal of small letters, in either case of ASCII.
    package func isEqual(inAnyCaseTo literal: StaticString) -> Bool {
        guard self.count == literal.utf8CodeUnitCount else { return false }
        for index in self.indices {
            guard self[index] | 0x20 == literal.byte(at: index) else { return false }
        }
        return true
    }

    /// Whether the bytes begin with those of a literal.
    package func starts(with literal: StaticString) -> Bool {
        self.count >= literal.utf8CodeUnitCount && self.extracting(first: literal.utf8CodeUnitCount).isEqual(to: literal)
    }
}

extension StaticString {
    /// A byte of the literal, which is a string and never a single scalar in this package.
    @inline(__always)
    func byte(at index: Int) -> UInt8 {
        precondition(index < self.utf8CodeUnitCount)
        return unsafe self.utf8Start[index]
    }

    /// Eight bytes from `offset` on, the first one in the lowest bits.
    @inline(__always)
    func word(at offset: Int) -> UInt64 {
        precondition(offset >= 0 && offset &+ 8 <= self.utf8CodeUnitCount)
        let start = unsafe UnsafeRawPointer(self.utf8Start)
        return UInt64(littleEndian: unsafe start.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// Four bytes, likewise.
    @inline(__always)
    func halfWord(at offset: Int) -> UInt32 {
        precondition(offset >= 0 && offset &+ 4 <= self.utf8CodeUnitCount)
        let start = unsafe UnsafeRawPointer(self.utf8Start)
        return UInt32(littleEndian: unsafe start.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
}

extension [UInt8] {
    /// A copy.
    package init(_ bytes: Span<UInt8>) {
        self.init()
        self.reserveCapacity(bytes.count)
        self.append(bytes)
    }

    /// Appends all bytes of a span.
    @inline(__always)
    package mutating func append(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBufferPointer { buffer in unsafe self.append(contentsOf: buffer) }
    }

    /// Appends a part of a span.
    @inline(__always)
    package mutating func append(_ bytes: Span<UInt8>, _ range: ByteRange) {
        self.append(bytes.extracting(range.indices))
    }

    /// Appends the UTF-8 of a literal.
    @inline(__always)
    package mutating func append(_ literal: StaticString) {
        unsafe self.append(
            contentsOf: UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    /// Appends a number in decimal.
    package mutating func append(decimal number: Int64) {
        if number < 0 { self.append(UInt8(ascii: "-")) }
        var rest = number.magnitude
        var divisor: UInt64 = 1
        while rest / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            self.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest / divisor))
            rest %= divisor
            divisor /= 10
        }
    }
}
