import HydrogenProtocol
import HydrogenShard
import Testing

@testable import HydrogenSimulation

/// Rule 7, counted a second time.
@Suite struct LimitOracleTests {
    private static let limit = RateLimit(thousandthsPerSecond: 2_000, burst: 3)
    private static let address = CountedAddress(PeerAddress(ipv4: 0x0a00_0001, port: 1))

    private static func policy(
        connections: RateLimit? = nil, messages: RateLimit? = nil, identity: RateLimit? = nil
    ) -> LimitPolicy {
        LimitPolicy(
            connectionsPerAddress: connections, messagesPerConnection: messages, bytesPerConnection: nil,
            messagesPerIdentity: identity, maxRateViolations: 30, blocking: nil)
    }

    @Test func aBucketHoldsItsBurstAndFillsAtItsRate() {
        var bucket = LimitOracle.Bucket()
        for _ in 0..<3 {
            #expect(bucket.holds(1, Self.limit, at: 0) == true)
            bucket.take(1)
        }
        #expect(bucket.holds(1, Self.limit, at: 499_999_999) == false)
        #expect(bucket.holds(1, Self.limit, at: 500_000_000) == true)
        #expect(bucket.holds(3, Self.limit, at: 10_000_000_000) == true)
        #expect(bucket.holds(4, Self.limit, at: 10_000_000_000) == false)
    }

    @Test func whatIsRefusedWithinTheRateIsFound() {
        var oracle = LimitOracle()
        let policy = Self.policy(connections: Self.limit)
        for _ in 0..<3 { #expect(oracle.connected(from: Self.address, isRefused: false, policy, at: 0) == nil) }
        #expect(oracle.connected(from: Self.address, isRefused: true, policy, at: 0) == nil)
        let fault = oracle.connected(from: Self.address, isRefused: false, policy, at: 0)
        #expect(fault?.contains("beyond") ?? false)
        let fault2 = oracle.connected(from: Self.address, isRefused: true, policy, at: 500_000_000)
        #expect(fault2?.contains("within") ?? false)
    }

    @Test func messagesAreChargedToAllLimitsOrNone() {
        var oracle = LimitOracle()
        let policy = Self.policy(
            messages: RateLimit(thousandthsPerSecond: 1_000, burst: 1),
            identity: RateLimit(thousandthsPerSecond: 1_000, burst: 2))
        var connections = [LimitOracle.Connection(), LimitOracle.Connection(), LimitOracle.Connection()]
        var verdict = LimitOracle.Verdict()
        func charge(_ connection: Int, at now: Int64 = 0) -> String? {
            oracle.charged(10, to: &connections[connection], identity: "a", verdict, policy, at: now)
        }
        #expect(charge(0) == nil)
        verdict.messages = true
        #expect(charge(0) == nil, "its own limit alone")
        verdict.messages = false
        #expect(charge(1) == nil, "what was refused took nothing from the identity")
        let fault = charge(2)
        #expect(fault?.contains("messages_per_identity") ?? false)
        verdict.identity = true
        #expect(charge(2) == nil)
    }
}
