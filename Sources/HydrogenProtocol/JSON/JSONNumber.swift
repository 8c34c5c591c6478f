/// A number as it is written, made comparable by value: exact, whatever its size, and never a floating point number.
package struct JSONNumber: Sendable {
    package var isNegative: Bool
    /// From the first digit that is not 0 to the last one that is not 0; a point may stand in between. Empty for zero.
    private var digits: ByteRange
    /// The power of ten of the first of these digits, without the exponent.
    private var firstPower: Int
    private var exponent: JSONExponent

    /// - Parameter range: A number of a checked text.
    package init(_ range: ByteRange, in bytes: Span<UInt8>) {
        var index = Int(range.lowerBound)
        let end = Int(range.upperBound)
        self.isNegative = bytes[index] == UInt8(ascii: "-")
        if self.isNegative { index &+= 1 }
        var point: Int?
        var first: Int?
        var last = index
        let start = index
        while index < end {
            let byte = bytes[index]
            if byte | 0x20 == UInt8(ascii: "e") { break }
            if byte == UInt8(ascii: ".") {
                point = index
            } else if byte != UInt8(ascii: "0") {
                first = first ?? index
                last = index
            }
            index &+= 1
        }
        self.exponent = JSONExponent(from: min(index &+ 1, end), to: end, in: bytes)
        guard let first else {
            self.digits = .empty
            self.firstPower = 0
            self.isNegative = false
            self.exponent = JSONExponent.zero
            return
        }
        self.digits = ByteRange(first, last &+ 1)
        let units = point ?? max(index, start)
        self.firstPower = first < units ? units &- first &- 1 : units &- first
    }

    package var isZero: Bool { self.digits.isEmpty }

    /// Its value where that is a whole number of 64 bits.
    package func integer(in bytes: Span<UInt8>) -> Int64? {
        guard !self.isZero else { return 0 }
        let power = self.exponent.difference(to: .zero, in: bytes, bytes) + Int64(self.firstPower)
        guard power >= 0, power < 19 else { return nil }
        var value: UInt64 = 0
        var count: Int64 = 0
        for index in self.digits.indices where bytes[index] != UInt8(ascii: ".") {
            guard count <= power else { return nil }
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(UInt64(bytes[index] &- UInt8(ascii: "0")))
            guard !overflow, !carry else { return nil }
            value = sum
            count += 1
        }
        while count <= power {
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            guard !overflow else { return nil }
            value = tens
            count += 1
        }
        if self.isNegative { return value <= UInt64(1) << 63 ? Int64(truncatingIfNeeded: 0 &- value) : nil }
        return Int64(exactly: value)
    }

    /// Negative, zero or positive as the first number is less than, equal to, or greater than the second.
    package static func compare(
        _ left: JSONNumber, in leftBytes: Span<UInt8>, _ right: JSONNumber, in rightBytes: Span<UInt8>
    ) -> Int {
        if left.isZero || right.isZero { return left.sign - right.sign }
        guard left.isNegative == right.isNegative else { return left.sign - right.sign }
        let power =
            left.exponent.difference(to: right.exponent, in: leftBytes, rightBytes)
            + Int64(left.firstPower) - Int64(right.firstPower)
        let order =
            power != 0
            ? Int(power.signum())
            : self.compareDigits(left.digits, in: leftBytes, right.digits, in: rightBytes)
        return left.isNegative ? -order : order
    }

    private var sign: Int { self.isZero ? 0 : self.isNegative ? -1 : 1 }

    /// Compares digits that start at the same power of ten and do not end in 0.
    private static func compareDigits(
        _ left: ByteRange, in leftBytes: Span<UInt8>, _ right: ByteRange, in rightBytes: Span<UInt8>
    ) -> Int {
        var leftIndex = Int(left.lowerBound)
        var rightIndex = Int(right.lowerBound)
        while true {
            if leftIndex < Int(left.upperBound), leftBytes[leftIndex] == UInt8(ascii: ".") { leftIndex &+= 1 }
            if rightIndex < Int(right.upperBound), rightBytes[rightIndex] == UInt8(ascii: ".") { rightIndex &+= 1 }
            let leftEnded = leftIndex >= Int(left.upperBound)
            let rightEnded = rightIndex >= Int(right.upperBound)
            guard !leftEnded, !rightEnded else { return leftEnded ? (rightEnded ? 0 : -1) : 1 }
            let difference = Int(leftBytes[leftIndex]) - Int(rightBytes[rightIndex])
            guard difference == 0 else { return difference }
            leftIndex &+= 1
            rightIndex &+= 1
        }
    }
}

/// The exponent of a number as it is written: it may have more digits than any machine number.
private struct JSONExponent: Sendable {
    private var isNegative: Bool
    /// Without zeros in front.
    private var digits: ByteRange

    static let zero = JSONExponent(isNegative: false, digits: .empty)

    private init(isNegative: Bool, digits: ByteRange) {
        self.isNegative = isNegative
        self.digits = digits
    }

    /// - Parameter start: Behind the `e`.
    init(from start: Int, to end: Int, in bytes: Span<UInt8>) {
        var index = start
        let isNegative = index < end && bytes[index] == UInt8(ascii: "-")
        while index < end, !(UInt8(ascii: "1")...UInt8(ascii: "9")).contains(bytes[index]) { index &+= 1 }
        self.init(isNegative: isNegative, digits: ByteRange(index, end))
    }

    /// This one less the other. Beyond ±2⁴⁰ only the sign is exact: no count of digits in a text can outweigh it.
    func difference(to other: JSONExponent, in bytes: Span<UInt8>, _ otherBytes: Span<UInt8>) -> Int64 {
        var sum: Int64 = 0
        for place in (0..<max(self.digits.count, other.digits.count)).reversed() {
            sum = sum * 10 + self.digit(at: place, in: bytes) - other.digit(at: place, in: otherBytes)
            // Each later place adds at most 18, so it cannot turn the sign again.
            if sum.magnitude > 1 << 40 { return sum }
        }
        return sum
    }

    /// The digit of a power of ten, with the sign of the whole.
    private func digit(at place: Int, in bytes: Span<UInt8>) -> Int64 {
        guard place < self.digits.count else { return 0 }
        let digit = Int64(bytes[Int(self.digits.upperBound) &- 1 &- place] &- UInt8(ascii: "0"))
        return self.isNegative ? -digit : digit
    }
}
