import HydrogenProtocol
import Testing

@testable import HydrogenShard

/// Bounded memory of addresses: who is forgotten, and who never.
@Suite struct OffenderTableTests {
    private static let limit = RateLimit(thousandthsPerSecond: 1_000, burst: 2)
    private static let blocking = BlockingPolicy(
        after: 3, window: .seconds(60), duration: .seconds(100), maximum: .seconds(1_000))

    private static func at(_ seconds: Int64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }

    private static func offender(_ number: UInt32) -> Offender {
        Offender(CountedAddress(PeerAddress(ipv4: number, port: 1)))
    }

    /// A table of one stripe, with one overflow cell.
    private struct Table {
        var stripe: OffenderStripe
        init(_ maximumCount: Int) { self.stripe = OffenderStripe(maximumCount: maximumCount, overflowCount: 1) }

        mutating func charge(_ number: UInt32, at seconds: Int64) -> Interval? {
            self.stripe.chargeConnection(of: offender(number), hash: 0, limit, at: OffenderTableTests.at(seconds))
        }
        /// Whether it is blocked from now on.
        mutating func offend(_ number: UInt32, _ count: Int = 1, at seconds: Int64) -> Instant? {
            var end: Instant?
            for _ in 0..<count {
                end = self.stripe.offend(offender(number), blocking, at: OffenderTableTests.at(seconds)) ?? end
            }
            return end
        }
        func isBlocked(_ number: UInt32, at seconds: Int64) -> Bool {
            self.stripe.blockEnd(of: offender(number), at: OffenderTableTests.at(seconds)) != nil
        }
    }

    @Test(arguments: [(1, nil), (2, nil), (3, 101), (4, 101)] as [(Int, Int64?)])
    func theOffenceThatTheConfigurationNamesBlocks(_ count: Int, _ end: Int64?) {
        var table = Table(10)
        #expect(table.offend(1, count, at: 1) == end.map(Self.at))
        #expect(table.isBlocked(1, at: 100) == (end != nil) && !table.isBlocked(1, at: 101) && !table.isBlocked(2, at: 5))
    }

    @Test func offencesOutsideOfTheWindowDoNotCount() {
        var table = Table(10)
        #expect(table.offend(1, 2, at: 0) == nil)
        #expect(table.offend(1, at: 60) == nil && table.offend(1, at: 119) == nil)
        #expect(table.offend(1, at: 119) != nil)
    }

    @Test func aBlockLastsTwiceAsLongWithinADayAndIsForgottenAfterIt() {
        var table = Table(10)
        #expect(table.offend(1, 3, at: 0) == Self.at(100))
        #expect(table.offend(1, 3, at: 50) == nil, "during a block nothing counts")
        #expect(table.offend(1, 2, at: 100) == nil, "and after it the count begins anew")
        #expect(table.offend(1, at: 100) == Self.at(300))
        #expect(table.offend(1, 3, at: 300) == Self.at(700))
        #expect(table.offend(1, 3, at: 700 + 86_399) == Self.at(700 + 86_399 + 800))
        let end = Int64(700 + 86_399 + 800)
        #expect(table.offend(1, 3, at: end) == Self.at(end + 1_000), "the longest")
        #expect(table.offend(1, 3, at: end + 1_000 + 86_400) == Self.at(end + 1_000 + 86_400 + 100), "a day later")
    }

    @Test func offencesBeforeABlockDoNotCountAfterIt() {
        let patient = BlockingPolicy(
            after: 3, window: .seconds(1_000), duration: .seconds(10), maximum: .seconds(1_000))
        var stripe = OffenderStripe(maximumCount: 10, overflowCount: 1)
        func offend(at seconds: Int64) -> Instant? { stripe.offend(Self.offender(1), patient, at: Self.at(seconds)) }
        let ends = [offend(at: 0), offend(at: 1), offend(at: 2), offend(at: 12), offend(at: 13), offend(at: 14)]
        #expect(ends == [nil, nil, Self.at(12), nil, nil, Self.at(34)])
    }

    @Test func whoIsForgivenIsAsGoodAsNew() {
        var table = Table(10)
        #expect(table.offend(1, 3, at: 0) != nil)
        table.stripe.forgive(Self.offender(1), at: Self.at(1))
        #expect(!table.isBlocked(1, at: 1))
        #expect(table.offend(1, 2, at: 1) == nil && table.offend(1, at: 1) == Self.at(101))
    }

    @Test(arguments: [9, 10, 11]) func itHoldsAsManyAsItMay(_ count: Int) {
        var table = Table(10)
        for number in 0..<UInt32(count) { #expect(table.charge(number, at: 0) == nil) }
        #expect(table.stripe.count == min(count, 10))
    }

    @Test func aFloodFreesNobodyAndRefillsNoBucket() {
        var table = Table(10)
        for number in 0..<5 as Range<UInt32> { #expect(table.offend(number, 3, at: 0) != nil) }
        // These have used up their bucket, which needs two seconds.
        for number in 5..<10 as Range<UInt32> {
            #expect(table.charge(number, at: 10) == nil && table.charge(number, at: 10) == nil)
        }
        for number in 100..<2_000 as Range<UInt32> { _ = table.charge(number, at: 10) }
        #expect(table.stripe.count == 10)
        for number in 0..<5 as Range<UInt32> { #expect(table.isBlocked(number, at: 10)) }
        for number in 5..<10 as Range<UInt32> { #expect(table.charge(number, at: 10)?.nanoseconds == 1_000_000_000) }
    }

    @Test func whileAllAreNeededNewcomersShareABucketAndAreNotBlocked() {
        var table = Table(3)
        for number in 0..<3 as Range<UInt32> { #expect(table.offend(number, 3, at: 0) != nil) }
        #expect(table.charge(10, at: 0) == nil && table.charge(11, at: 0) == nil)
        #expect(table.charge(12, at: 0)?.nanoseconds == 1_000_000_000)
        #expect(table.offend(12, 10, at: 0) == nil && !table.isBlocked(12, at: 0))
        let answers = (0..<12).map { _ in table.stripe.takeAnswer(of: Self.offender(12), hash: 0, at: Self.at(0)) }
        #expect(answers.count { $0 } == 10)
        // The blocks are over: there is a place again.
        #expect(table.offend(12, 3, at: 100) == Self.at(200))
    }

    /// In order: what nobody would miss, then what would be forgotten first anyway.
    @Test func whoIsMissedLeastGoesFirst() {
        var table = Table(3)
        #expect(table.offend(1, 3, at: 0) != nil, "blocked, and remembered for a day")
        #expect(table.offend(2, 2, at: 100) == nil, "remembered until 160")
        #expect(table.charge(3, at: 100) == nil, "full again at 101")
        #expect(table.charge(4, at: 102) == nil, "takes the place of 3")
        #expect(table.charge(5, at: 103) == nil, "takes the place of 4")
        #expect(table.offend(2, at: 104) != nil, "2 is still known, and blocked now")
        #expect(table.charge(6, at: 104) == nil, "takes the place of 5")
        #expect(table.charge(7, at: 104) == nil, "takes the place of 1, which is not blocked any more")
        #expect(table.charge(8, at: 104) == nil, "shares: 2 is blocked, 6 and 7 limit")
        #expect(table.isBlocked(2, at: 104) && table.stripe.count == 3)
        #expect(table.offend(1, 3, at: 106) == Self.at(206), "1 was forgotten: its next block is a first one")
    }

    @Test func whatNobodyWouldMissIsNotKept() {
        var table = Table(1_000)
        for number in 0..<500 as Range<UInt32> { _ = table.charge(number, at: Int64(number) * 10) }
        #expect(table.stripe.count <= 3)
    }

    /// Random charges and offences of three times as many addresses as there is room for: who is blocked stays so to
    /// the end of its block.
    @Test(arguments: 0..<20) func noBlockEndsBeforeItsTime(_ seed: Int) {
        var random = Generator(seed: UInt64(seed))
        var table = Table(20)
        var ends: [UInt32: Int64] = [:]
        var now: Int64 = 0
        for _ in 0..<1_500 {
            now += Int64(random.next(upTo: 4)) / 3
            let number = UInt32(random.next(upTo: 60))
            if random.next(upTo: 3) == 0 {
                if let end = table.offend(number, at: now) { ends[number] = end.nanoseconds / 1_000_000_000 }
            } else {
                _ = table.charge(number, at: now)
            }
            if table.stripe.count > 20 { Issue.record("\(table.stripe.count) records") }
            let wrong = (0..<60 as Range<UInt32>).filter { table.isBlocked($0, at: now) != ((ends[$0] ?? 0) > now) }
            if !wrong.isEmpty { Issue.record("\(wrong) at \(now)") }
        }
        #expect(!ends.isEmpty)
    }

    @Test(arguments: [999, 1_000, 1_001, 1_023]) func theStripesShareTheBound(_ maximumCount: Int) {
        let table = OffenderTable(maximumCount: maximumCount, salt: HashSalt(1, 2))
        for number in 0..<5_000 as Range<UInt32> { _ = table.chargeConnection(of: Self.offender(number), Self.limit, at: Self.at(0)) }
        #expect(table.count == maximumCount)
    }

    @Test func theSaltDecidesWhoMeetsWhom() {
        func first(_ salt: HashSalt) -> [UInt64] { (0..<8).map { Self.offender($0).hash(salt) >> 60 } }
        #expect(first(HashSalt(1, 2)) == first(HashSalt(1, 2)))
        #expect(first(HashSalt(1, 2)) != first(HashSalt(1, 3)))
        let address = CountedAddress(PeerAddress(ipv4: 1, port: 1))
        #expect(Offender(address, identity: "a").hash(HashSalt(1, 2)) != Offender(address).hash(HashSalt(1, 2)))
    }
}

/// Buckets that the connections of an identity share.
@Suite struct IdentityBucketsTests {
    private static let limit = RateLimit(thousandthsPerSecond: 1_000, burst: 4)
    private static func at(_ seconds: Int64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }

    private static func take(_ bucket: IdentityBucket, _ count: Int, at seconds: Int64) -> Interval? {
        bucket.withLock { $0.messages.take(count, self.limit, at: self.at(seconds)) }
    }

    @Test func allConnectionsOfAnIdentityShareOne() {
        var buckets = IdentityBuckets(maximumIdleCount: 2)
        let one = buckets.join("a", at: Self.at(0)), two = buckets.join("a", at: Self.at(0))
        let other = buckets.join("b", at: Self.at(0))
        #expect(one === two && one !== other)
        #expect(Self.take(one, 4, at: 0) == nil && Self.take(two, 1, at: 0) != nil && Self.take(other, 1, at: 0) == nil)
    }

    @Test func comingBackRefillsNothing() {
        let ledger = SharedLedger(maxAddresses: 1_000)
        let bucket = ledger.joinIdentity("a", at: Self.at(0))
        #expect(Self.take(bucket, 4, at: 0) == nil)
        ledger.leaveIdentity(bucket, Self.limit, at: Self.at(0))
        let again = ledger.joinIdentity("a", at: Self.at(1))
        #expect(again === bucket && Self.take(again, 2, at: 1)?.nanoseconds == 1_000_000_000)
        ledger.leaveIdentity(again, Self.limit, at: Self.at(1))
        #expect(ledger.joinIdentity("b", at: Self.at(4)) !== again)
        #expect(ledger.identityBuckets.withLock { $0.count } == 1, "a was full, and is forgotten")
    }

    @Test(arguments: [1, 2, 3]) func soManyIdleOnesAreKept(_ count: Int) {
        var buckets = IdentityBuckets(maximumIdleCount: 2)
        let joined = (0..<count).map { buckets.join("\($0)", at: Self.at(0)) }
        for (number, bucket) in joined.enumerated() {
            #expect(Self.take(bucket, 4 - number, at: 0) == nil)
            buckets.leave(bucket, Self.limit, at: Self.at(0))
        }
        #expect(buckets.count == min(count, 2))
        #expect((buckets.join("0", at: Self.at(0)) === joined[0]), "the emptiest is kept")
    }

    @Test func withoutALimitNothingIsKept() {
        let ledger = SharedLedger(maxAddresses: 1_000)
        let bucket = ledger.joinIdentity("a", at: Self.at(0))
        #expect(Self.take(bucket, 4, at: 0) == nil)
        ledger.leaveIdentity(bucket, nil, at: Self.at(0))
        #expect(ledger.identityBuckets.withLock { $0.count } == 0)
    }
}
