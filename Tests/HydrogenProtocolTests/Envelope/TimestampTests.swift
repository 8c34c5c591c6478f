import Foundation
import HydrogenProtocol
import Testing

@Suite struct TimestampTests {
    private func parse(_ text: String) -> Int64? { Timestamp.parse(Array(text.utf8).span)?.milliseconds }

    private func write(_ milliseconds: Int64) -> String {
        var writer = TimestampWriter()
        return written { writer.append(WallTime(milliseconds: milliseconds), to: &$0) }
    }

    static let values: [(String, Int64)] = [
        ("1970-01-01T00:00:00Z", 0), ("1970-01-01T00:00:00.001Z", 1), ("1970-01-01T00:00:00.1Z", 100),
        ("1970-01-01T00:00:00.12Z", 120), ("1969-12-31T23:59:59.999Z", -1), ("2026-11-24T00:15:42.123Z", 1_795_479_342_123),
        ("2000-02-29T12:00:00Z", 951_825_600_000), ("2024-02-29T23:59:59Z", 1_709_251_199_000),
        ("2016-12-31T23:59:60Z", 1_483_228_800_000), ("2016-12-31T23:59:60.5Z", 1_483_228_800_500),
        ("0000-01-01T00:00:00Z", -62_167_219_200_000), ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
    ]

    @Test(arguments: values) func readsTimeStamps(_ text: String, _ milliseconds: Int64) {
        #expect(self.parse(text) == milliseconds)
    }

    @Test(arguments: [
        "", "Z", "2026-11-24", "2026-11-24T00:15:42", "2026-11-24T00:15:42z", "2026-11-24t00:15:42Z", "2026-11-24 00:15:42Z",
        "2026-11-24T00:15:42+00:00", "2026-11-24T00:15:42.Z", "2026-11-24T00:15:42.1234Z", "2026-11-24T00:15:42,123Z",
        "2026-11-24T00:15:42.12xZ", "2026-11-24T00:15:42.-12Z", "2026-00-24T00:15:42Z", "2026-13-24T00:15:42Z", "2026-11-00T00:15:42Z",
        "2026-11-31T00:15:42Z", "2026-02-29T00:15:42Z", "1900-02-29T00:15:42Z", "2026-11-24T24:15:42Z", "2026-11-24T00:60:42Z",
        "2026-11-24T00:15:60Z", "2026-11-24T23:58:60Z", "2026-11-24T22:59:60Z", "2026-11-24T23:59:61Z", "26-11-24T00:15:42Z",
        "+026-11-24T00:15:42Z", "2026-1-024T00:15:42Z", "2026/11/24T00:15:42Z", "2026-11-24T00-15-42Z", "２026-11-24T00:15:42Z",
        " 2026-11-24T00:15:42Z", "2026-11-24T00:15:42Z ", "2026-11-24T00:15:4 Z", "20 6-11-24T00:15:42Z", "2026-11-24T00:15:42.123ZZ",
    ])
    func refusesOthers(_ text: String) { #expect(self.parse(text) == nil) }

    /// Every third day of 800 years around now, at times of day that move on, through both directions and another library.
    @Test func everyDayComesBack() throws {
        var milliseconds: Int64 = -12_622_780_800_000  // 1570-01-01
        let formatter = Date.ISO8601FormatStyle()
        var day = 0
        while milliseconds < 12_622_780_800_000 {
            let text = self.write(milliseconds)
            if self.parse(text) != milliseconds { Issue.record("\(text)") }
            // The other library knows the Julian calendar before 1582, and time as a floating point number.
            if day % 32 == 0, milliseconds > -12_000_000_000_000 {
                let seconds = (Double(milliseconds) / 1000).rounded(.down)
                #expect(text.prefix(19) + "Z" == Date(timeIntervalSince1970: seconds).formatted(formatter))
            }
            milliseconds += 3 * 86_400_000 + 1_237
            day += 1
        }
        #expect(day > 97_000)
    }

    /// The writer keeps the text of the last second: times that repeat, go on and jump back are right all the same.
    @Test func oneWriterWritesTimesInAnyOrder() {
        var random = SeededGenerator(seed: 2)
        var writer = TimestampWriter()
        var milliseconds: Int64 = 1_795_479_342_000
        for _ in 0..<2_000 {
            milliseconds += Int64(random.below(1_400)) - 300
            let text = written { writer.append(WallTime(milliseconds: milliseconds), to: &$0) }
            #expect(text.utf8.count == Timestamp.count)
            #expect(self.parse(text) == milliseconds)
        }
    }

    @Test(arguments: [
        (-62_167_219_200_001, "0000-01-01T00:00:00.000Z"), (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"),
        (-62_167_219_199_999, "0000-01-01T00:00:00.001Z"), (253_402_300_799_998, "9999-12-31T23:59:59.998Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"), (253_402_300_800_000, "9999-12-31T23:59:59.999Z"),
        (Int64.min, "0000-01-01T00:00:00.000Z"), (Int64.max, "9999-12-31T23:59:59.999Z"),
    ] as [(Int64, String)])
    func writesTheNearestYearOfFourDigits(_ milliseconds: Int64, _ text: String) {
        #expect(self.write(milliseconds) == text)
    }
}
