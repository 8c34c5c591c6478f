import HydrogenProtocol

/// A rate and a burst, as exact whole numbers.
///
/// Tokens are counted in parts of 10⁻¹² token: then a nanosecond brings exactly `thousandthsPerSecond` parts, whatever
/// the rate, and nothing is ever rounded. The largest burst is 10²¹ parts, the longest idle time brings fewer than
/// 2¹⁰⁴: 128 bits hold every value.
package struct RateLimit: Sendable, Hashable {
    /// Thousandths of a token per second: 1 to 10¹².
    package let thousandthsPerSecond: Int
    /// Tokens that an idle bucket holds: 1 to 10⁹.
    package let burst: Int
    /// Counts and logs, and refuses nothing.
    package let isDryRun: Bool

    package init(thousandthsPerSecond: Int, burst: Int, isDryRun: Bool = false) {
        self.thousandthsPerSecond = thousandthsPerSecond
        self.burst = burst
        self.isDryRun = isDryRun
    }

    static let partsPerToken: UInt128 = 1_000_000_000_000

    /// What a nanosecond brings.
    var partsPerNanosecond: UInt128 {
        KnownBug.refillsOnePerSecond.isLoose ? 1_000 : UInt128(truncatingIfNeeded: self.thousandthsPerSecond)
    }
    /// What a full bucket holds.
    var capacity: UInt128 { UInt128(truncatingIfNeeded: self.burst) &* Self.partsPerToken }
}
