import HydrogenProtocol
import Testing

@testable import HydrogenSimulation

@Suite struct LatencyHistogramTests {
    @Test func aPercentileIsAtMostASixteenthTooHigh() {
        for scale: Int64 in [1, 1_000, 1_000_000] {
            var histogram = LatencyHistogram()
            for value in 1...1000 { histogram.record(Interval(nanoseconds: Int64(value) * scale)) }
            for perMille in [1, 500, 990, 999, 1000] {
                let exact = Int64(perMille) * scale
                let seen = histogram.percentile(perMille: perMille).nanoseconds
                #expect(exact <= seen && seen <= exact + exact / 16 + 1, "\(perMille) of \(scale): \(seen)")
            }
        }
    }

    @Test func theBucketsHoldEverything() {
        var histogram = LatencyHistogram()
        for shift in 0..<63 { histogram.record(Interval(nanoseconds: 1 << shift)) }
        #expect(histogram.buckets.reduce(0) { $0 + $1.count } == 63)
        #expect(histogram.buckets.map(\.atMost) == histogram.buckets.map(\.atMost).sorted())
        histogram.removeAll()
        #expect(histogram.count == 0 && histogram.percentile(perMille: 500) == .zero)
    }
}
