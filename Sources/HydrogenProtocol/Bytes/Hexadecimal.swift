/// Bytes as hexadecimal digits (RFC 4648 §8), written in lower case.
package enum Hexadecimal {
    /// Appends two digits per byte.
    package static func append(_ bytes: Span<UInt8>, to out: inout [UInt8]) {
        for index in bytes.indices { self.append(bytes[index], to: &out) }
    }

    /// Appends two digits.
    @inline(__always)
    package static func append(_ byte: UInt8, to out: inout [UInt8]) {
        out.append(self.digit(byte &>> 4))
        out.append(self.digit(byte & 15))
    }

    /// Appends a number without leading zeros: 100 instructions, where `String(_:radix:)` takes 1,200.
    package static func append(number: UInt64, to out: inout [UInt8]) {
        var shift = max(0, 60 - (number.leadingZeroBitCount & ~3))
        while shift >= 0 {
            out.append(self.digit(UInt8(truncatingIfNeeded: number &>> UInt64(shift)) & 15))
            shift -= 4
        }
    }

    package static func encode(_ bytes: Span<UInt8>) -> String {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count * 2)
        self.append(bytes, to: &out)
        return String(decoding: out, as: UTF8.self)
    }

    /// The bytes that pairs of digits stand for; nil for anything else.
    ///
    /// - Parameter acceptsUpperCase: Off where one value must have one text only, as a signature.
    package static func decode(_ text: Span<UInt8>, acceptsUpperCase: Bool = false) -> [UInt8]? {
        guard text.count % 2 == 0 else { return nil }
        let value = acceptsUpperCase ? self.value(of:) : self.lowerCaseValue(of:)
        var out: [UInt8] = []
        out.reserveCapacity(text.count / 2)
        for index in stride(from: 0, to: text.count, by: 2) {
            guard let high = value(text[index]), let low = value(text[index + 1]) else { return nil }
            out.append(high << 4 | low)
        }
        return out
    }

    /// The digit of a value from 0 to 15.
    @inline(__always)
    package static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") &+ value : UInt8(ascii: "a") &+ (value &- 10)
    }

    /// The value of a digit in either case.
    @inline(__always)
    static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit &- UInt8(ascii: "A") &+ 10
        default: self.lowerCaseValue(of: digit)
        }
    }

    /// The value of a digit as this writes it.
    package static func lowerCaseValue(of digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit &- UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit &- UInt8(ascii: "a") &+ 10
        default: nil
        }
    }
}
