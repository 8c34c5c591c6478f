import HydrogenProtocol

/// A JSON number as a whole number of a fraction's unit, exactly: no value is ever rounded.
package enum ExactDecimal: Equatable {
    case value(Int)
    /// It has digits behind the last one that counts.
    case tooFine
    case tooLarge
    case tooSmall

    /// - Parameters:
    ///   - range: A number of a checked JSON text.
    ///   - places: How many decimal places count: 3 gives thousandths.
    static func read(_ range: ByteRange, in bytes: Span<UInt8>, places: Int) -> ExactDecimal {
        var digits: [UInt8] = []
        var isNegative = false
        var power = places
        var isFraction = false
        var index = Int(range.lowerBound)
        let end = Int(range.upperBound)
        while index < end {
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: "-"): isNegative = true
            case UInt8(ascii: "."): isFraction = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                power += self.exponent(from: index + 1, to: end, in: bytes)
                index = end
            default:
                digits.append(byte - UInt8(ascii: "0"))
                if isFraction { power -= 1 }
            }
            index += 1
        }
        while digits.last == 0 {
            digits.removeLast()
            power += 1
        }
        guard let first = digits.firstIndex(where: { $0 != 0 }) else { return .value(0) }
        guard power >= 0 else { return .tooFine }
        var value = 0
        for digit in digits[first...] {
            guard let next = self.append(Int(digit), to: value) else { return isNegative ? .tooSmall : .tooLarge }
            value = next
        }
        for _ in 0..<power {
            guard let next = self.append(0, to: value) else { return isNegative ? .tooSmall : .tooLarge }
            value = next
        }
        return .value(isNegative ? -value : value)
    }

    /// A number of units of a decimal place in decimal: 1500 thousandths are `1.5`.
    package static func text(_ value: Int, places: Int) -> String {
        var unit = 1
        for _ in 0..<places { unit *= 10 }
        let whole = value / unit
        let fraction = abs(value % unit)
        guard fraction != 0 else { return "\(whole)" }
        var digits = "\(unit + fraction)".dropFirst()
        while digits.hasSuffix("0") { digits.removeLast() }
        return "\(value < 0 && whole == 0 ? "-" : "")\(whole).\(digits)"
    }

    private static func append(_ digit: Int, to value: Int) -> Int? {
        let (tens, isTooLarge) = value.multipliedReportingOverflow(by: 10)
        let (sum, isOver) = tens.addingReportingOverflow(digit)
        return isTooLarge || isOver ? nil : sum
    }

    /// The exponent, at most a million either way: beyond it nothing that counts changes.
    private static func exponent(from start: Int, to end: Int, in bytes: Span<UInt8>) -> Int {
        var value = 0
        var isNegative = false
        for index in start..<end {
            switch bytes[index] {
            case UInt8(ascii: "-"): isNegative = true
            case UInt8(ascii: "+"): break
            case let byte: value = min(value * 10 + Int(byte - UInt8(ascii: "0")), 1_000_000)
            }
        }
        return isNegative ? -value : value
    }
}
