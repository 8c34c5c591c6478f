/// Octets as pairs of hexadecimal digits (RFC 4648 §8).
enum Hexadecimal {
    /// Appends two digits in lower case.
    static func append(_ octet: UInt8, to output: inout [UInt8]) {
        output.append(Self.digit(octet >> 4))
        output.append(Self.digit(octet & 15))
    }

    /// Appends the octets that pairs of digits of either case stand for; false, and nothing appended, for an odd
    /// count or anything but digits.
    static func append(decoding text: Span<UInt8>, to output: inout [UInt8]) -> Bool {
        guard text.count.isMultiple(of: 2) else { return false }
        let start = output.count
        var index = 0
        while index < text.count {
            guard let high = Self.value(text[index]), let low = Self.value(text[index + 1]) else {
                output.removeSubrange(start...)
                return false
            }
            output.append(high << 4 | low)
            index += 2
        }
        return true
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x41...0x46: digit - 0x37
        case 0x61...0x66: digit - 0x57
        default: nil
        }
    }
}
