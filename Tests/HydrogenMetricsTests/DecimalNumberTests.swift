import Testing

@testable import HydrogenMetrics

@Suite struct DecimalNumberTests {
    static let plain: [(DecimalNumber, String)] = [
        (.init(0), "0"), (.init(7), "7"), (.init(-7), "-7"), (.init(.max), "9223372036854775807"),
        (.init(.min), "-9223372036854775808"), (.nanoseconds(0), "0"), (.nanoseconds(1), "0.000000001"),
        (.nanoseconds(1_000), "0.000001"), (.nanoseconds(999_999_999), "0.999999999"),
        (.nanoseconds(1_000_000_000), "1"), (.nanoseconds(1_000_000_001), "1.000000001"),
        (.nanoseconds(12_500_000_000), "12.5"), (.nanoseconds(-500_000_000), "-0.5"),
        (.milliseconds(1_700_000_000_123), "1700000000.123"), (.init(1_234, decimals: 2), "12.34"),
        (.init(100, decimals: 2), "1"),
    ]

    @Test(arguments: plain) func plainNotation(_ number: DecimalNumber, _ text: String) {
        #expect(number.text == text)
    }

    static let canonical: [(Int64, String)] = [
        (1_000_000_000, "1.0"), (10_000_000_000, "10.0"), (2_500_000_000, "2.5"), (100_000_000, "0.1"),
        (250_000, "0.00025"), (100_000, "0.0001"), (99_999, "9.9999e-05"), (50_000, "5e-05"), (25_000, "2.5e-05"),
        (1_000, "1e-06"), (1, "1e-09"), (0, "0.0"),
    ]

    @Test(arguments: canonical) func canonicalNotation(_ nanoseconds: Int64, _ text: String) {
        #expect(DecimalNumber.nanoseconds(nanoseconds).canonicalText == text)
    }
}
