extension JSONScanner {
    /// Checks a number (RFC 8259 §6), and returns its end.
    static func number(in bytes: Span<UInt8>, at offset: Int) throws(JSONFault) -> Int {
        var index = offset
        if bytes[index] == UInt8(ascii: "-") { index &+= 1 }
        if index < bytes.count, bytes[index] == UInt8(ascii: "0") {
            index &+= 1
        } else {
            index = try self.digits(in: bytes, at: index)
        }
        if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
            index = try self.digits(in: bytes, at: index &+ 1)
        }
        if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
            index &+= 1
            if index < bytes.count, bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-") {
                index &+= 1
            }
            index = try self.digits(in: bytes, at: index)
        }
        return index
    }

    /// Checks at least one digit, and returns the end of the run.
    @inline(__always)
    private static func digits(in bytes: Span<UInt8>, at offset: Int) throws(JSONFault) -> Int {
        var index = offset
        while index < bytes.count, bytes[index] &- UInt8(ascii: "0") < 10 { index &+= 1 }
        guard index > offset else {
            throw JSONFault(index < bytes.count ? .unexpectedByte : .unexpectedEnd, at: index)
        }
        return index
    }

    /// Checks an escape (RFC 8259 §7), and returns its end and the scalar that it stands for.
    ///
    /// - Parameter offset: Where its backslash stands.
    static func escape(in bytes: Span<UInt8>, at offset: Int) throws(JSONFault) -> (end: Int, scalar: UInt32) {
        guard offset &+ 1 < bytes.count else { throw JSONFault(.unexpectedEnd, at: bytes.count) }
        let scalar: UInt32
        switch bytes[offset &+ 1] {
        case UInt8(ascii: "\""): scalar = 0x22
        case UInt8(ascii: "\\"): scalar = 0x5c
        case UInt8(ascii: "/"): scalar = 0x2f
        case UInt8(ascii: "b"): scalar = 0x08
        case UInt8(ascii: "f"): scalar = 0x0c
        case UInt8(ascii: "n"): scalar = 0x0a
        case UInt8(ascii: "r"): scalar = 0x0d
        case UInt8(ascii: "t"): scalar = 0x09
        case UInt8(ascii: "u"): return try self.unicodeEscape(in: bytes, at: offset)
        default: throw JSONFault(.invalidEscape, at: offset)
        }
        return (offset &+ 2, scalar)
    }

    /// Checks `\uXXXX`, or the two of them that a scalar beyond U+FFFF needs.
    private static func unicodeEscape(
        in bytes: Span<UInt8>, at offset: Int
    ) throws(JSONFault) -> (end: Int, scalar: UInt32) {
        let first = try self.hexadecimal(in: bytes, at: offset &+ 2, of: offset)
        guard first & 0xf800 == 0xd800 else { return (offset &+ 6, first) }
        let second = offset &+ 6
        guard first < 0xdc00 else { throw JSONFault(.loneSurrogate, at: offset) }
        guard second < bytes.count else { throw JSONFault(.unexpectedEnd, at: bytes.count) }
        guard bytes[second] == UInt8(ascii: "\\") else { throw JSONFault(.loneSurrogate, at: offset) }
        guard second &+ 1 < bytes.count else { throw JSONFault(.unexpectedEnd, at: bytes.count) }
        guard bytes[second &+ 1] == UInt8(ascii: "u") else { throw JSONFault(.loneSurrogate, at: offset) }
        let low = try self.hexadecimal(in: bytes, at: second &+ 2, of: second)
        guard low & 0xfc00 == 0xdc00 else { throw JSONFault(.loneSurrogate, at: offset) }
        return (offset &+ 12, 0x10000 &+ ((first &- 0xd800) &<< 10) &+ (low &- 0xdc00))
    }

    /// The value of four hexadecimal digits.
    ///
    /// - Parameter escape: Where the escape starts that they belong to.
    private static func hexadecimal(
        in bytes: Span<UInt8>, at offset: Int, of escape: Int
    ) throws(JSONFault) -> UInt32 {
        var value: UInt32 = 0
        for index in offset..<(offset &+ 4) {
            guard index < bytes.count else { throw JSONFault(.unexpectedEnd, at: bytes.count) }
            guard let digit = Hexadecimal.value(of: bytes[index]) else { throw JSONFault(.invalidEscape, at: escape) }
            value = value &<< 4 | UInt32(digit)
        }
        return value
    }

    /// Checks one UTF-8 sequence of two to four bytes (Unicode 15 table 3-7), and returns its end.
    static func scalar(in bytes: Span<UInt8>, at offset: Int) throws(JSONFault) -> Int {
        let first = bytes[offset]
        let length: Int
        var allowed: ClosedRange<UInt8> = 0x80...0xbf
        switch first {
        case 0xc2...0xdf: length = 2
        case 0xe0:
            length = 3
            allowed = 0xa0...0xbf
        case 0xed:
            length = 3
            allowed = 0x80...0x9f
        case 0xe1...0xef: length = 3
        case 0xf0:
            length = 4
            allowed = 0x90...0xbf
        case 0xf1...0xf3: length = 4
        case 0xf4:
            length = 4
            allowed = 0x80...0x8f
        default: throw JSONFault(.invalidUTF8, at: offset)
        }
        for index in (offset &+ 1)..<(offset &+ length) {
            guard index < bytes.count else { throw JSONFault(.unexpectedEnd, at: bytes.count) }
            guard allowed.contains(bytes[index]) else { throw JSONFault(.invalidUTF8, at: offset) }
            allowed = 0x80...0xbf
        }
        return offset &+ length
    }
}
