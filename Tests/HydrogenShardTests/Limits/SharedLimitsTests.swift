import Dispatch
import HydrogenProtocol
import Synchronization
import Testing

@testable import HydrogenShard

/// Limits that hold over loops, with loops on threads of their own.
@Suite struct SharedLimitsTests {
    private static let threadCount = 4
    private static let now = Instant(nanoseconds: 1_000_000_000)

    /// How many of the calls of all threads returned true.
    private static func count(_ callCount: Int, _ call: @Sendable (Int) -> Bool) -> Int {
        let passed = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: Self.threadCount) { thread in
            var count = 0
            for number in 0..<callCount where call(thread * callCount + number) { count += 1 }
            passed.add(count, ordering: .relaxed)
        }
        return passed.load(ordering: .relaxed)
    }

    @Test func anIdentityGetsItsBurstAndNotOneMore() {
        let ledger = SharedLedger(maxAddresses: 1_000)
        let limit = RateLimit(thousandthsPerSecond: 1, burst: 20_000)
        let buckets = (0..<Self.threadCount).map { _ in ledger.joinIdentity("fleet", at: Self.now) }
        let passed = Self.count(10_000) { number in
            ledger.chargeMessage(to: buckets[number / 10_000], limit, at: Self.now) == nil
        }
        #expect(passed == 20_000)
    }

    @Test func addressesGetTheirBurstAndNotOneMore() {
        let ledger = SharedLedger(maxAddresses: 1_000)
        let limit = RateLimit(thousandthsPerSecond: 1, burst: 7)
        let passed = Self.count(2_000) { number in
            let address = CountedAddress(PeerAddress(ipv4: UInt32(number % 100), port: 1))
            return ledger.chargeConnection(of: address, limit, at: Self.now) == nil
        }
        #expect(passed == 700)
    }

    @Test func oneOfManyOffencesSetsTheBlock() {
        let ledger = SharedLedger(maxAddresses: 1_000)
        let blocking = BlockingPolicy(
            after: 1_000, window: .seconds(60), duration: .seconds(60), maximum: .seconds(60))
        let offender = Offender(CountedAddress(PeerAddress(ipv4: 1, port: 1)), identity: "fleet")
        let blocks = Self.count(999) { _ in ledger.offend(offender, blocking, at: Self.now) != nil }
        #expect(blocks == 1)
        #expect(ledger.blockEnd(of: offender, at: Self.now) == Self.now + .seconds(60))
    }

    @Test func identitiesComeAndGo() {
        let ledger = SharedLedger(maxAddresses: 1_000)
        let limit = RateLimit(thousandthsPerSecond: 1_000_000, burst: 1_000_000)
        let passed = Self.count(3_000) { number in
            let bucket = ledger.joinIdentity("\(number % 5)", at: Self.now)
            defer { ledger.leaveIdentity(bucket, limit, at: Self.now) }
            return ledger.chargeMessage(to: bucket, limit, at: Self.now) == nil
        }
        #expect(passed == 12_000)
        #expect(ledger.identityBuckets.withLock { $0.count } == 5, "none of them is full again")
    }
}
