/// Time stamps of the wire: RFC 3339 in UTC with a capital `T` and `Z`, written to the millisecond.
package enum Timestamp {
    /// The bytes that one takes when it is written: `2026-11-24T00:15:42.123Z`.
    package static let count = 24

    /// One, written.
    typealias Text = InlineArray<24, UInt8>

    /// Whether a text is a time stamp; `parse` says what is.
    package static func isValid(_ text: Span<UInt8>) -> Bool { self.fields(of: text) != nil }

    /// Reads `YYYY-MM-DDThh:mm:ss[.f[f[f]]]Z`. A leap second (23:59:60) is the first one of the next day.
    ///
    /// - Returns: nil for anything else, a day that its month does not have among it.
    package static func parse(_ text: Span<UInt8>) -> WallTime? {
        guard let fields = self.fields(of: text) else { return nil }
        return WallTime(milliseconds: fields.date.dayNumber * 86_400_000 + fields.millisecondOfDay)
    }

    private static func fields(of text: Span<UInt8>) -> (date: CivilDate, millisecondOfDay: Int64)? {
        let count = text.count
        guard count == 20 || (count >= 22 && count <= 24), text[count - 1] == UInt8(ascii: "Z"),
            // "....-..-" and "..T..:..".
            text.word(at: 0) & 0xff00_00ff_0000_0000 == 0x2d00_002d_0000_0000,
            text.word(at: 8) & 0x0000_ff00_00ff_0000 == 0x0000_3a00_0054_0000, text[16] == UInt8(ascii: ":"),
            let century = self.twoDigits(text, 0), let ofCentury = self.twoDigits(text, 2),
            let month = self.twoDigits(text, 5), let day = self.twoDigits(text, 8),
            let hour = self.twoDigits(text, 11), let minute = self.twoDigits(text, 14),
            let second = self.twoDigits(text, 17)
        else { return nil }
        let year = century * 100 + ofCentury
        guard month >= 1, month <= 12, day >= 1, day <= 28 || day <= CivilDate.dayCount(month: month, year: year),
            hour < 24, minute < 60, second < 60 || (second == 60 && hour == 23 && minute == 59)
        else { return nil }
        var milliseconds: Int64 = 0
        if count > 20 {
            guard text[19] == UInt8(ascii: ".") else { return nil }
            var unit: Int64 = 100
            for index in 20..<(count - 1) {
                let digit = text[index] &- UInt8(ascii: "0")
                guard digit < 10 else { return nil }
                milliseconds &+= Int64(digit) &* unit
                unit /= 10
            }
        }
        return (
            CivilDate(year: year, month: month, day: day),
            ((hour &* 60 &+ minute) &* 60 &+ second) &* 1000 &+ milliseconds
        )
    }

    /// The value of two digits; nil where something else stands there.
    @inline(__always)
    private static func twoDigits(_ text: Span<UInt8>, _ start: Int) -> Int64? {
        let tens = text[start] &- UInt8(ascii: "0")
        let units = text[start + 1] &- UInt8(ascii: "0")
        return tens < 10 && units < 10 ? Int64(tens &* 10 &+ units) : nil
    }
}

/// Writes time stamps. It keeps the text of the last one: most follow each other within the same second, and those of a
/// pass of a loop within the same millisecond.
package struct TimestampWriter: Sendable {
    private var text = Timestamp.Text(repeating: UInt8(ascii: "0"))
    /// What `text` says.
    private var milliseconds: Int64 = 0
    private var second = Int64.min

    /// The first and the last millisecond that four digits of a year can tell: beyond them the nearest is written.
    private static let range: ClosedRange<Int64> = -62_167_219_200_000...253_402_300_799_999

    package init() {
        self.text[19] = UInt8(ascii: ".")
        self.text[23] = UInt8(ascii: "Z")
        self.rewrite(for: WallTime(milliseconds: self.milliseconds))
    }

    /// Appends the 24 bytes of a time stamp.
    package mutating func append(_ time: WallTime, to out: inout [UInt8]) {
        let text = self.text(of: time)
        out.append(text.span)
    }

    /// The 24 bytes of a time stamp.
    mutating func text(of time: WallTime) -> Timestamp.Text {
        if time.milliseconds != self.milliseconds { self.rewrite(for: time) }
        return self.text
    }

    private mutating func rewrite(for time: WallTime) {
        self.milliseconds = time.milliseconds
        let milliseconds = min(max(time.milliseconds, Self.range.lowerBound), Self.range.upperBound)
        let fraction = ((milliseconds % 1000) + 1000) % 1000
        let second = (milliseconds - fraction) / 1000
        if second != self.second { self.rewrite(for: second) }
        self.text[20] = Self.digit(fraction / 100)
        self.text[21] = Self.digit(fraction / 10 % 10)
        self.text[22] = Self.digit(fraction % 10)
    }

    private mutating func rewrite(for second: Int64) {
        self.second = second
        let ofDay = ((second % 86400) + 86400) % 86400
        let date = CivilDate(dayNumber: (second - ofDay) / 86400)
        self.put(date.year / 100, at: 0)
        self.put(date.year % 100, at: 2)
        self.text[4] = UInt8(ascii: "-")
        self.put(date.month, at: 5)
        self.text[7] = UInt8(ascii: "-")
        self.put(date.day, at: 8)
        self.text[10] = UInt8(ascii: "T")
        self.put(ofDay / 3600, at: 11)
        self.text[13] = UInt8(ascii: ":")
        self.put(ofDay / 60 % 60, at: 14)
        self.text[16] = UInt8(ascii: ":")
        self.put(ofDay % 60, at: 17)
    }

    /// Writes two digits.
    private mutating func put(_ value: Int64, at index: Int) {
        self.text[index] = Self.digit(value / 10)
        self.text[index + 1] = Self.digit(value % 10)
    }

    private static func digit(_ value: Int64) -> UInt8 { UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: value) }
}
