/// Checks JSON (RFC 8259) and says where its parts are. It copies nothing, allocates nothing, and does not recurse.
///
/// Beyond the grammar it refuses what no string can hold: bytes that are not UTF-8 and escapes of lone surrogates.
/// Numbers stay text, whatever their size. A byte order mark is refused.
package enum JSONScanner {
    /// No text is ever nested deeper, whatever the caller allows.
    package static let greatestDepth = 1024

    /// Checks a whole text, and returns its one value.
    ///
    /// - Parameter maxDepth: How many objects and arrays may stand in each other; at most `greatestDepth` counts.
    package static func validate(_ bytes: Span<UInt8>, maxDepth: Int) throws(JSONFault) -> JSONValue {
        let value = try self.value(in: bytes, at: self.skipWhitespace(in: bytes, from: 0), maxDepth: maxDepth)
        let end = self.skipWhitespace(in: bytes, from: Int(value.range.upperBound))
        guard end == bytes.count else { throw JSONFault(.trailingBytes, at: end) }
        return value
    }

    /// Checks one value that starts exactly at `offset`. What follows it is not looked at.
    ///
    /// - Parameters:
    ///   - depth: In how many objects and arrays the value stands already.
    ///   - maxDepth: How many may stand in each other in all.
    package static func value(
        in bytes: Span<UInt8>, at offset: Int, depth: Int = 0, maxDepth: Int
    ) throws(JSONFault) -> JSONValue {
        guard offset < bytes.count else { throw JSONFault(.unexpectedEnd, at: offset) }
        switch bytes[offset] {
        case UInt8(ascii: "\""):
            let text = try self.text(in: bytes, from: offset &+ 1)
            return JSONValue(.string, offset, Int(text.range.upperBound) &+ 1, hasEscapes: text.hasEscapes)
        case UInt8(ascii: "{"):
            return JSONValue(.object, offset, try self.container(in: bytes, at: offset, depth, maxDepth))
        case UInt8(ascii: "["):
            return JSONValue(.array, offset, try self.container(in: bytes, at: offset, depth, maxDepth))
        case UInt8(ascii: "t"):
            return JSONValue(.true, offset, try self.literal("true", in: bytes, at: offset))
        case UInt8(ascii: "f"):
            return JSONValue(.false, offset, try self.literal("false", in: bytes, at: offset))
        case UInt8(ascii: "n"):
            return JSONValue(.null, offset, try self.literal("null", in: bytes, at: offset))
        default:
            return JSONValue(.number, offset, try self.number(in: bytes, at: offset))
        }
    }

    /// Checks a string.
    ///
    /// - Parameter start: The offset behind the quote that opens it.
    /// - Returns: What stands between the quotes; the one that closes it is at the end of the range.
    @inline(__always)
    package static func text(in bytes: Span<UInt8>, from start: Int) throws(JSONFault) -> JSONText {
        // Names, and most values of an envelope, end within a word: 20 instructions instead of 75.
        var end = start
        if start &+ 8 <= bytes.count {
            end = start &+ self.stops(in: bytes.word(at: start)).trailingZeroBitCount &>> 3
            if end < start &+ 8, bytes[end] == UInt8(ascii: "\"") {
                return JSONText(ByteRange(start, end), hasEscapes: false)
            }
        }
        return try self.longText(in: bytes, from: start, plainTo: end)
    }

    /// - Parameter plainEnd: Where the plain run of text that begins the string is known to go on to.
    private static func longText(
        in bytes: Span<UInt8>, from start: Int, plainTo plainEnd: Int
    ) throws(JSONFault) -> JSONText {
        let count = bytes.count
        var index = plainEnd
        var hasEscapes = false
        while true {
            index = self.plainEnd(in: bytes, from: index)
            guard index < count else { throw JSONFault(.unexpectedEnd, at: count) }
            let byte = bytes[index]
            if byte == UInt8(ascii: "\"") {
                return JSONText(ByteRange(start, index), hasEscapes: hasEscapes)
            } else if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                index = try self.escape(in: bytes, at: index).end
            } else if byte >= 0x80 {
                index = try self.scalar(in: bytes, at: index)
            } else if byte < 0x20 {
                throw JSONFault(.controlCharacter, at: index)
            } else {
                index &+= 1
            }
        }
    }

    /// Where a plain run of text ends, or so close to the end of the bytes that no word is left.
    @inline(__always)
    private static func plainEnd(in bytes: Span<UInt8>, from start: Int) -> Int {
        var index = start
        while index &+ 8 <= bytes.count {
            let stops = self.stops(in: bytes.word(at: index))
            guard stops == 0 else { return index &+ stops.trailingZeroBitCount &>> 3 }
            index &+= 8
        }
        return index
    }

    /// Marks in the highest bit of each byte whether a plain run of text ends there: at a quote, a backslash, a control
    /// character, or the start of something that is not ASCII. Only the lowest mark is exact.
    @inline(__always)
    static func stops(in word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quotes = word ^ (ones &* 0x22)
        let backslashes = word ^ (ones &* 0x5c)
        let marks = (quotes &- ones) | (backslashes &- ones) | (word &- ones &* 0x20) | word
        return marks & (ones &* 0x80)
    }

    /// The same without what is not ASCII: where a writer has to escape.
    @inline(__always)
    static func stopsOfWriting(in word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quotes = word ^ (ones &* 0x22)
        let backslashes = word ^ (ones &* 0x5c)
        let marks = (quotes &- ones) | (backslashes &- ones) | (word &- ones &* 0x20)
        return marks & ~word & (ones &* 0x80)
    }

    /// The offset of the first byte from `offset` on that is not white space.
    @inline(__always)
    package static func skipWhitespace(in bytes: Span<UInt8>, from offset: Int) -> Int {
        var index = offset
        while index < bytes.count {
            let byte = bytes[index]
            guard byte <= 0x20, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 else { break }
            index &+= 1
        }
        return index
    }

    /// Checks `true`, `false` or `null`, and returns its end.
    private static func literal(
        _ literal: StaticString, in bytes: Span<UInt8>, at offset: Int
    ) throws(JSONFault) -> Int {
        for index in 0..<literal.utf8CodeUnitCount {
            guard offset &+ index < bytes.count else { throw JSONFault(.unexpectedEnd, at: bytes.count) }
            guard bytes[offset &+ index] == literal.byte(at: index) else {
                throw JSONFault(.unexpectedByte, at: offset &+ index)
            }
        }
        return offset &+ literal.utf8CodeUnitCount
    }
}
