import HydrogenConfiguration
import HydrogenProtocol
import Testing

/// Numbers are exact, however they are written.
@Suite struct NumberTests {
    @Test(arguments: [
        ("10", 10_000), ("10.0", 10_000), ("1e1", 10_000), ("1E+1", 10_000), ("100e-1", 10_000), ("0.1", 100),
        ("0.100", 100), ("0.123", 123), ("123e-3", 123), ("59.999", 59_999), ("0.0001e3", 100),
        ("5.000000000000", 5_000),
    ]) func durations(_ text: String, _ milliseconds: Int64) throws {
        #expect(try configuration(members("CloseTimeout", text)).closeTimeout == .milliseconds(milliseconds))
    }

    @Test(arguments: [
        ("0.1234", "at most 3 decimal places"), ("1e-4", "at most 3 decimal places"),
        ("1e-999999999999", "decimal places"),
        ("1e999999999999", "is too large"), ("99999999999999999999", "is too large"), ("-1", "is too small"),
        ("-1e99", "is too small"), ("0", "is too small"), ("0.0", "is too small"), ("-0", "is too small"),
    ]) func notDurations(_ text: String, _ problem: String) {
        let lines = faults(members("CloseTimeout", text))
        #expect(lines.count == 1)
        #expect(lines.first?.contains(problem) == true, "\(lines)")
    }

    @Test(arguments: [("8", 8), ("8.0", 8), ("80e-1", 8), ("0.8e1", 8)])
    func wholeNumbers(_ text: String, _ value: Int) throws {
        #expect(try configuration(members("ThreadPoolSize", text)).threadPoolSize == value)
    }

    @Test(arguments: ["8.5", "1e-1"]) func notWholeNumbers(_ text: String) {
        #expect(faults(members("ThreadPoolSize", text)).first?.contains("must be a whole number") == true)
    }

    @Test func ratesAreThousandths() throws {
        let limits = try configuration(members("RateLimits.ConnectionsPerAddress.Rate", "0.005")).rateLimits
        #expect(limits.connectionsPerAddress?.thousandthsPerSecond == 5)
        #expect(limits.connectionsPerAddress?.burst == 100)
    }
}
