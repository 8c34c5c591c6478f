import Histogram
import Testing

@testable import HydrogenBench

@Suite struct ReportTests {
    /// A server that answers every millisecond, and once stalls for a second: a closed loop sees one slow answer, those
    /// whom it held up would have seen a thousand.
    @Test func aStallIsSeenByAllThatItWouldHaveHeldUp() {
        var seen = Histogram<UInt64>(highestTrackableValue: 60_000_000_000)
        for _ in 0..<9_999 { seen.record(1_000_000) }
        seen.record(1_000_000_000)
        let raw = Latency(seen)
        let corrected = Latency.corrected(seen)
        #expect(raw.percentiles[2] < 1_001_000)
        // A tenth of what should have been sent waited, half a second on average.
        #expect(corrected.percentiles[2] > 880_000_000)
        #expect(corrected.percentiles[0] < 1_001_000)
        #expect(corrected.maximum == raw.maximum)
    }

    @Test func nothingSeenIsNothingCorrected() {
        let empty = Histogram<UInt64>(highestTrackableValue: 60_000_000_000)
        #expect(Latency.corrected(empty).mean == 0)
    }

    @Test(arguments: [
        (0.0, 3, "0.000"), (1.5, 0, "2"), (12.3456, 2, "12.35"), (0.9996, 3, "1.000"), (1e11, 1, "100000000000.0"),
    ])
    func numbersAreRounded(value: Double, digits: Int, text: String) {
        #expect(fixed(value, digits) == text)
    }
}

@Suite struct TargetTests {
    @Test(arguments: [
        ("ws://127.0.0.1", false, "127.0.0.1", 80, "/", "127.0.0.1"),
        ("ws://127.0.0.1:8080/chat?x=1", false, "127.0.0.1", 8080, "/chat?x=1", "127.0.0.1:8080"),
        ("WSS://[::1]:443", true, "::1", 443, "/", "[::1]"),
        ("wss://127.0.0.1?x", true, "127.0.0.1", 443, "/?x", "127.0.0.1"),
    ])
    func urlsAreRead(
        url: String, isSecure: Bool, host: String, port: UInt16, path: String, authority: String
    ) throws {
        let target = try BenchTarget(url)
        #expect(target.isSecure == isSecure)
        #expect(target.host == host)
        #expect(target.port == port)
        #expect(target.path == path)
        #expect(target.authority == authority)
    }

    @Test(arguments: ["", "127.0.0.1:80", "http://127.0.0.1", "ws://", "ws://127.0.0.1:x", "ws://a@127.0.0.1", "ws://:80"])
    func othersAreRefused(url: String) {
        #expect(throws: BenchError.url(url)) { try BenchTarget(url) }
    }
}
