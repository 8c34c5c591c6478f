import HydrogenProtocol

/// Durations in buckets that grow with them: each power of two has 16, so a percentile is at most 1/16 too high.
package struct LatencyHistogram: Sendable {
    private static let bucketsPerOctave = 16
    private var counts = [UInt64](repeating: 0, count: 64 * bucketsPerOctave)
    package private(set) var count: UInt64 = 0
    package private(set) var greatest = Interval.zero

    package init() {}

    package mutating func record(_ interval: Interval) {
        self.counts[Self.bucket(of: UInt64(max(interval.nanoseconds, 0)))] += 1
        self.count += 1
        if self.greatest < interval { self.greatest = interval }
    }

    package mutating func removeAll() {
        guard self.count > 0 else { return }
        for index in self.counts.indices { self.counts[index] = 0 }
        self.count = 0
        self.greatest = .zero
    }

    /// The smallest duration that so many thousandths of all do not exceed; zero without any.
    package func percentile(perMille: Int) -> Interval {
        guard self.count > 0 else { return .zero }
        let wanted = max(1, (self.count * UInt64(max(perMille, 0)) + 999) / 1000)
        var seen: UInt64 = 0
        for (index, count) in self.counts.enumerated() {
            seen += count
            if seen >= wanted {
                return min(Interval(nanoseconds: Int64(clamping: Self.upperBound(of: index))), self.greatest)
            }
        }
        return self.greatest
    }

    /// Upper bound and count of each bucket that has any, rising.
    package var buckets: [(atMost: Interval, count: UInt64)] {
        self.counts.indices.compactMap { index in
            guard self.counts[index] > 0 else { return nil }
            return (Interval(nanoseconds: Int64(clamping: Self.upperBound(of: index))), self.counts[index])
        }
    }

    private static func bucket(of nanoseconds: UInt64) -> Int {
        guard nanoseconds >= 32 else { return Int(nanoseconds) }
        let octave = 63 - nanoseconds.leadingZeroBitCount
        return (octave - 3) * self.bucketsPerOctave + Int(nanoseconds >> UInt64(octave - 4)) - self.bucketsPerOctave
    }

    private static func upperBound(of bucket: Int) -> UInt64 {
        guard bucket >= 32 else { return UInt64(bucket) }
        let octave = bucket / self.bucketsPerOctave + 3
        let mantissa = UInt64(bucket % self.bucketsPerOctave + self.bucketsPerOctave)
        return (mantissa + 1) << UInt64(octave - 4) - 1
    }
}
