import HydrogenProtocol
import Testing

@testable import HydrogenShard

/// What passes a bucket, and what it says of the rest.
@Suite struct TokenBucketTests {
    private static let start = Instant(nanoseconds: 5_000_000_000)

    private static func at(_ nanoseconds: Int64) -> Instant { self.start + Interval(nanoseconds: nanoseconds) }

    struct Row: Sendable, CustomTestStringConvertible {
        var thousandths: Int
        var burst: Int
        /// When one token more comes after the burst was taken, in nanoseconds: 10¹² / thousandths, rounded up.
        var next: Int64
        var testDescription: String { "\(self.thousandths)/1000 per second, burst \(self.burst)" }
        var limit: RateLimit { RateLimit(thousandthsPerSecond: self.thousandths, burst: self.burst) }
    }

    static let rows = [
        Row(thousandths: 1_000, burst: 1, next: 1_000_000_000),
        Row(thousandths: 1_000, burst: 2, next: 1_000_000_000),
        Row(thousandths: 20_000, burst: 100, next: 50_000_000),
        Row(thousandths: 3_000, burst: 5, next: 333_333_334),
        Row(thousandths: 7, burst: 3, next: 142_857_142_858),
        Row(thousandths: 1, burst: 1, next: 1_000_000_000_000),
        Row(thousandths: 1, burst: 1_000_000_000, next: 1_000_000_000_000),
        Row(thousandths: 600_000_000_000, burst: 1_000, next: 2),
        Row(thousandths: 999_999_999_999, burst: 1_000_000_000, next: 2),
        Row(thousandths: 1_000_000_000_000, burst: 1, next: 1),
        Row(thousandths: 1_000_000_000_000, burst: 1_000_000_000, next: 1),
    ]

    @Test(arguments: rows) func theBurstPassesAndNotOneMore(_ row: Row) {
        for count in [row.burst - 1, row.burst] {
            var bucket = TokenBucket(fullAt: Self.start)
            #expect(bucket.take(count, row.limit, at: Self.start) == nil)
        }
        var bucket = TokenBucket(fullAt: Self.start)
        let refused = bucket.take(row.burst + 1, row.limit, at: Self.start)
        #expect(refused?.nanoseconds == row.next)
        let whole = bucket.take(row.burst, row.limit, at: Self.start)
        #expect(whole == nil, "what was refused cost nothing")
    }

    @Test(arguments: rows) func theNextTokenComesWhenItWasSaid(_ row: Row) {
        var bucket = TokenBucket(fullAt: Self.start)
        let burst = bucket.take(row.burst, row.limit, at: Self.start)
        let wait = bucket.take(1, row.limit, at: Self.start)
        let early = bucket.take(1, row.limit, at: Self.at(row.next - 1))
        let due = bucket.take(1, row.limit, at: Self.at(row.next))
        #expect(burst == nil && wait?.nanoseconds == row.next && early?.nanoseconds == 1 && due == nil)
    }

    /// 584 years, the longest pause that there is, fill all of these but the one that needs 31,000.
    @Test(arguments: rows.filter { $0.thousandths > 1 || $0.burst == 1 })
    func afterALongPauseItHoldsTheBurstAndNotMore(_ row: Row) {
        var bucket = TokenBucket(fullAt: Instant(nanoseconds: .min))
        let empty = bucket.take(row.burst, row.limit, at: Instant(nanoseconds: .min))
        let late = Instant(nanoseconds: .max - TokenBucket.longestWait.nanoseconds)
        let again = bucket.take(row.burst, row.limit, at: late)
        let more = bucket.take(1, row.limit, at: late)
        #expect(empty == nil && again == nil && more?.nanoseconds == row.next)
    }

    @Test func itIsFullWhenItSays() {
        let limit = RateLimit(thousandthsPerSecond: 3_000, burst: 5)
        var bucket = TokenBucket(fullAt: Self.start)
        #expect(bucket.fullAt(limit) == Self.start)
        _ = bucket.take(2, limit, at: Self.start)
        #expect(bucket.fullAt(limit) == Self.at(666_666_667))
        var early = bucket
        let refused = early.take(5, limit, at: Self.at(666_666_666))
        let passed = bucket.take(5, limit, at: Self.at(666_666_667))
        #expect(refused?.nanoseconds == 1 && passed == nil)
    }

    @Test func aClockThatStandsStillOrGoesBackBringsNothing() {
        let limit = RateLimit(thousandthsPerSecond: 1_000, burst: 1)
        var bucket = TokenBucket(fullAt: Self.start)
        let first = bucket.take(1, limit, at: Self.at(100))
        let back = bucket.take(1, limit, at: Self.start)
        let due = bucket.take(1, limit, at: Self.at(1_000_000_100))
        #expect(first == nil && back?.nanoseconds == 1_000_000_000 && due == nil)
    }

    @Test func aReloadKeepsWhatIsOwedUpToTheNewBurst() {
        var bucket = TokenBucket(fullAt: Self.start)
        _ = bucket.take(200, RateLimit(thousandthsPerSecond: 1_000, burst: 200), at: Self.start)
        let smaller = RateLimit(thousandthsPerSecond: 2_000, burst: 10)
        let wait = bucket.take(1, smaller, at: Self.start)
        let due = bucket.take(10, smaller, at: Self.at(5_000_000_000))
        #expect(wait?.nanoseconds == 500_000_000 && due == nil)
    }

    @Test func theLongestWaitIsACentury() {
        let limit = RateLimit(thousandthsPerSecond: 1, burst: 1_000_000_000)
        var bucket = TokenBucket(fullAt: Self.start)
        _ = bucket.take(1_000_000_000, limit, at: Self.start)
        #expect(bucket.take(1_000_000_000, limit, at: Self.start) == TokenBucket.longestWait)
    }

    /// The rule, over random rates, bursts, costs and pauses: between any two moments at most burst + rate · t passes.
    @Test(arguments: 0..<200) func noSpanLetsMoreThroughThanBurstAndRate(_ seed: Int) {
        var random = Generator(seed: UInt64(seed))
        let limit = RateLimit(
            thousandthsPerSecond: random.magnitude(upTo: 1_000_000_000_000), burst: random.magnitude(upTo: 1_000_000_000))
        let pause = max(1, 1_000_000_000_000 / limit.thousandthsPerSecond)
        var bucket = TokenBucket(fullAt: Self.start)
        var now = Self.start
        var passed: [(at: Instant, count: Int)] = []
        for _ in 0..<150 {
            now = now + Interval(nanoseconds: Int64(random.next(upTo: 3 * pause)))
            let count = 1 + random.next(upTo: limit.burst)
            let before = bucket
            if let wait = bucket.take(count, limit, at: now) {
                #expect(wait > .zero)
                if wait < TokenBucket.longestWait {
                    var early = before, due = before
                    let refused = early.take(count, limit, at: now + Interval(nanoseconds: wait.nanoseconds - 1))
                    let taken = due.take(count, limit, at: now + wait)
                    #expect(refused?.nanoseconds == 1 && taken == nil, "\(limit) \(count)")
                }
            } else {
                passed.append((now, count))
            }
        }
        for first in passed.indices {
            var sum: UInt128 = 0
            let tooSoon = passed[first...].first { last in
                sum += UInt128(last.count)
                let elapsed = UInt128((last.at - passed[first].at).nanoseconds)
                return sum * 1_000_000_000_000 > limit.capacity + elapsed * UInt128(limit.thousandthsPerSecond)
            }
            #expect(tooSoon == nil, "\(limit)")
        }
    }

    /// The other half of the rule: who asks as soon as it may, after a pause, gets burst + rate · t to the nanosecond.
    /// (With a burst of 1, what comes between two whole nanoseconds runs over.)
    @Test(arguments: 0..<50) func anIdleOneGivesItsBurstAndThenItsRate(_ seed: Int) {
        var random = Generator(seed: UInt64(1_000 + seed))
        let limit = RateLimit(thousandthsPerSecond: random.magnitude(upTo: 1_000_000_000_000), burst: 2 + random.next(upTo: 50))
        var bucket = TokenBucket(fullAt: Self.start)
        var now = Self.at(Int64(random.next(upTo: 1_000_000_000)))
        let began = now
        var count: UInt128 = 0
        for _ in 0..<1_000 where count < 500 {
            if let wait = bucket.take(1, limit, at: now) { now = now + wait } else { count += 1 }
        }
        #expect(count == 500)
        // The last one came no later than the first nanosecond at which burst + rate · t allows it.
        let elapsed = UInt128((now - began).nanoseconds)
        let rate = UInt128(limit.thousandthsPerSecond)
        #expect(count * 1_000_000_000_000 <= limit.capacity + elapsed * rate)
        #expect(elapsed == 0 || count * 1_000_000_000_000 > limit.capacity + (elapsed - 1) * rate)
    }
}

/// A small seeded generator (SplitMix64).
struct Generator {
    private var state: UInt64
    init(seed: UInt64) { self.state = seed }

    mutating func next() -> UInt64 {
        self.state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// From 0, below `bound`.
    mutating func next(upTo bound: Int) -> Int { Int(self.next() % UInt64(bound)) }

    /// From 1 to `bound`, every order of magnitude as likely as another.
    mutating func magnitude(upTo bound: Int) -> Int {
        var limit = 10
        let digits = "\(bound)".count
        for _ in 0..<self.next(upTo: digits) { limit *= 10 }
        return 1 + self.next(upTo: min(limit, bound))
    }
}
