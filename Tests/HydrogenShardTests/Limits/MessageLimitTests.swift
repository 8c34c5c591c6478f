import HydrogenConnection
import HydrogenProtocol
import Testing

@testable import HydrogenShard

/// Rates of messages, seen from outside of a shard.
@Suite struct MessageLimitTests {
    private static let ping = #"{"type":"command","id":"p1","channel":"system","action":"ping"}"#

    private static func limit(_ perSecond: Int, _ burst: Int, isDryRun: Bool = false) -> RateLimit {
        RateLimit(thousandthsPerSecond: perSecond * 1_000, burst: burst, isDryRun: isDryRun)
    }

    private static func isLimited(_ answers: [String], afterMilliseconds: Int) -> Bool {
        answers.count == 1
            && answers[0].contains(
                #""error":{"category":"connection","code":"rate_limited","message":"too many messages or connections","#
                    + #""retryable":true,"retry_after_ms":\#(afterMilliseconds)}"#)
    }

    private static func count(_ server: TestServer, _ name: LimitName) -> Int64 {
        server.shards.reduce(0) { $0 + $1.shard.counters.value($1.shard.metrics.rateLimited[name.rawValue]) }
    }

    @Test(arguments: [4, 5, 6]) func theBurstOfAConnectionPasses(_ count: Int) throws {
        let server = TestServer(limits: LimitPolicy(messagesPerConnection: Self.limit(2, 5)))
        let id = try #require(server.connect())
        for number in 1...count {
            let answers = server.send(Self.ping, on: id)
            if number <= 5 {
                #expect(answers.count == 1 && answers[0].contains(#""status":"ok""#))
            } else {
                #expect(Self.isLimited(answers, afterMilliseconds: 500))
                #expect(answers[0].contains(#""id":"p1""#) && answers[0].contains(#""channel":"system","action":"ping""#))
            }
        }
        #expect(Self.count(server, .messagesPerConnection) == (count == 6 ? 1 : 0))
        server.advance(by: .milliseconds(499))
        let early = server.send(Self.ping, on: id)
        server.advance(by: .milliseconds(1))
        let due = server.send(Self.ping, on: id)
        #expect(due[0].contains(#""status":"ok""#))
        if count == 6 { #expect(Self.isLimited(early, afterMilliseconds: 1)) }
    }

    @Test func connectionsHaveBucketsOfTheirOwn() throws {
        let server = TestServer(limits: LimitPolicy(messagesPerConnection: Self.limit(1, 1)))
        let one = try #require(server.connect()), other = try #require(server.connect())
        #expect(server.send(Self.ping, on: one)[0].contains("ok"))
        #expect(server.send(Self.ping, on: other)[0].contains("ok"))
        #expect(Self.isLimited(server.send(Self.ping, on: one), afterMilliseconds: 1_000))
    }

    @Test(arguments: [199, 200, 201]) func bytesAreCountedToTheByte(_ count: Int) throws {
        let server = TestServer(limits: LimitPolicy(bytesPerConnection: Self.limit(100, 200)))
        let id = try #require(server.connect())
        let exact = Self.padded(to: count)
        #expect(exact.utf8.count == count)
        let answers = server.send(exact, on: id)
        if count <= 200 {
            #expect(answers[0].contains(#""status":"ok""#))
            #expect(Self.isLimited(server.send(exact, on: id), afterMilliseconds: (count - (200 - count)) * 10))
        } else {
            #expect(Self.isLimited(answers, afterMilliseconds: 10))
        }
    }

    private static func padded(to count: Int) -> String {
        let frame = self.ping.dropLast() + #","x":""}"#
        return self.ping.dropLast() + #","x":"\#(String(repeating: "x", count: count - frame.utf8.count))"}"#
    }

    @Test func theLongerWaitIsToldAndNothingIsChargedForWhatIsRefused() throws {
        let server = TestServer(
            limits: LimitPolicy(messagesPerConnection: Self.limit(1, 2), bytesPerConnection: Self.limit(10, 130)))
        let id = try #require(server.connect())
        #expect(server.send(Self.padded(to: 100), on: id)[0].contains("ok"))
        #expect(Self.isLimited(server.send(Self.padded(to: 100), on: id), afterMilliseconds: 7_000))
        #expect(Self.count(server, .bytesPerConnection) == 1 && Self.count(server, .messagesPerConnection) == 0)
        server.advance(by: .seconds(7))
        server.take(id)
        #expect(server.send(Self.padded(to: 100), on: id)[0].contains("ok"))
        #expect(Self.isLimited(server.send(Self.padded(to: 110), on: id), afterMilliseconds: 11_000))
    }

    @Test func whatOneLimitRefusesIsNotChargedToAnother() throws {
        let server = TestServer(
            limits: LimitPolicy(
                messagesPerConnection: RateLimit(thousandthsPerSecond: 1, burst: 2),
                bytesPerConnection: Self.limit(100, 130), messagesPerIdentity: RateLimit(thousandthsPerSecond: 1, burst: 3)))
        let id = try #require(server.connect())
        #expect(server.send(Self.padded(to: 130), on: id)[0].contains("ok"))
        for _ in 0..<5 { #expect(Self.isLimited(server.send(Self.padded(to: 130), on: id), afterMilliseconds: 1_300)) }
        server.now.instant = server.now.instant + .milliseconds(1_300)
        #expect(server.send(Self.padded(to: 130), on: id)[0].contains("ok"))
        let other = try #require(server.connect())
        #expect(server.send(Self.ping, on: other)[0].contains("ok"), "the third of the identity")
        for _ in 0..<3 { #expect(server.send(Self.ping, on: other)[0].contains("rate_limited")) }
        server.shards[0].shard.deliver(
            .policy(TestServer.policy(LimitPolicy(messagesPerConnection: RateLimit(thousandthsPerSecond: 1, burst: 2)))),
            at: server.now)
        #expect(server.send(Self.ping, on: other)[0].contains("ok"), "the second of this connection")
    }

    @Test(arguments: [1, 2, 3]) func anIdentityIsLimitedExactlyOverLoops(_ loopCount: Int) throws {
        let server = TestServer(loopCount: loopCount, limits: LimitPolicy(messagesPerIdentity: Self.limit(1, 10)))
        let ids = try (0..<3).map { number in
            (try #require(server.connect(loop: number % loopCount)), number % loopCount)
        }
        for number in 0..<10 {
            let (id, loop) = ids[number % 3]
            #expect(server.send(Self.ping, on: id, loop: loop)[0].contains(#""status":"ok""#))
        }
        for (id, loop) in ids { #expect(Self.isLimited(server.send(Self.ping, on: id, loop: loop), afterMilliseconds: 1_000)) }
        #expect(Self.count(server, .messagesPerIdentity) == 3)
        for (id, loop) in ids { server.shards[loop].shard.transportEnded(id, .lost, at: server.now) }
        server.turn()
        let again = try #require(server.connect())
        #expect(Self.isLimited(server.send(Self.ping, on: again), afterMilliseconds: 1_000), "it refills nothing to come back")
    }

    @Test func aConnectionThatFloodsLeavesItsIdentityAlone() throws {
        let server = TestServer(
            limits: LimitPolicy(messagesPerConnection: Self.limit(1, 2), messagesPerIdentity: Self.limit(1, 3)))
        let flooding = try #require(server.connect()), other = try #require(server.connect())
        for _ in 0..<20 { server.send(Self.ping, on: flooding) }
        #expect(server.send(Self.ping, on: other)[0].contains("ok"))
        #expect(Self.isLimited(server.send(Self.ping, on: other), afterMilliseconds: 1_000))
    }

    @Test(arguments: [
        ("{", nil, "system", "error"), (#"{"id":"a","type":7}"#, "a", "system", "error"),
        (#"{"type":"ack","id":"e1"}"#, "e1", "system", "error"), (#"{"type":"ack","offset":7}"#, nil, "system", "error"),
        (#"{"type":"command","id":"x","channel":"print","action":"job.start"}"#, "x", "print", "job.start"),
    ] as [(String, String?, String, String)])
    func whatIsOverALimitIsAnsweredAsFarAsItCanBeRead(
        _ text: String, _ id: String?, _ channel: String, _ action: String
    ) throws {
        let server = TestServer(limits: LimitPolicy(messagesPerConnection: Self.limit(1, 1)))
        let connection = try #require(server.connect())
        server.send(Self.ping, on: connection)
        let answers = server.send(text, on: connection)
        #expect(Self.isLimited(answers, afterMilliseconds: 1_000))
        #expect(answers[0].contains(#""id":\#(id.map { "\"\($0)\"" } ?? "null"),"#))
        #expect(answers[0].contains(#""channel":"\#(channel)","action":"\#(action)""#))
    }

    @Test func whatIsOverALimitIsNotProcessed() throws {
        let server = TestServer(limits: LimitPolicy(messagesPerConnection: Self.limit(1, 1)))
        let id = try #require(server.connect())
        #expect(server.send(TestServer.command("print", "subscribe", #"{"topic":"a"}"#), on: id)[0].contains("sub-1"))
        #expect(server.send(TestServer.command("print", "publish", #"{"action":"a"}"#), on: id).count == 1, "no event")
        for _ in 0..<3 { server.send("{", on: id) }
        #expect(server.closeCodes.isEmpty, "and its faults are none of the protocol's")
    }

    @Test(arguments: [1, 2, 3]) func theViolationThatTheConfigurationNamesIsAnsweredAndCloses(_ maximum: Int) throws {
        let server = TestServer(
            limits: LimitPolicy(messagesPerConnection: Self.limit(1, 1), maxRateViolations: maximum))
        let id = try #require(server.connect())
        server.send(Self.ping, on: id)
        for number in 1...maximum {
            #expect(server.closeCodes.isEmpty)
            #expect(Self.isLimited(server.send(Self.ping, on: id), afterMilliseconds: 1_000), "\(number)")
        }
        #expect(server.closeCodes == [.rateExceeded])
        let errors = server.shards[0].shard.counters.value(
            server.shards[0].shard.metrics.errors[Int(ErrorCode.connectionRateLimited.rawValue)])
        #expect(errors == maximum, "the close is not counted again")
    }

    @Test func violationsAreForgottenAfterAMinute() throws {
        let server = TestServer(
            limits: LimitPolicy(messagesPerConnection: RateLimit(thousandthsPerSecond: 1, burst: 1), maxRateViolations: 3))
        let id = try #require(server.connect())
        for _ in 0..<3 { server.send(Self.ping, on: id) }
        server.now.instant = server.now.instant + .seconds(60)
        for _ in 0..<2 { server.send(Self.ping, on: id) }
        #expect(server.closeCodes.isEmpty)
        server.send(Self.ping, on: id)
        #expect(server.closeCodes == [.rateExceeded])
    }

    @Test func echoIsClosedAtOnce() throws {
        var configuration = TestServer.configuration()
        configuration.offersEcho = true
        let server = TestServer(configuration, limits: LimitPolicy(messagesPerConnection: Self.limit(1, 2)))
        let id = try #require(server.connect(subprotocol: "echo"))
        #expect(server.send("a", on: id) == ["a"] && server.send("b", on: id) == ["b"])
        #expect(server.send("c", on: id).isEmpty)
        #expect(server.closeCodes == [.rateExceeded])
    }

    @Test func aLimitOnTrialCountsAndTellsOnceAMinute() throws {
        let trial = Self.limit(1, 1, isDryRun: true)
        let server = TestServer(
            limits: LimitPolicy(
                messagesPerConnection: trial, bytesPerConnection: trial, messagesPerIdentity: trial, maxRateViolations: 1,
                blocking: BlockingPolicy(after: 1, window: .seconds(1), duration: .seconds(1), maximum: .seconds(1))))
        let id = try #require(server.connect())
        for _ in 0..<5 { #expect(server.send(Self.ping, on: id)[0].contains(#""status":"ok""#)) }
        #expect(server.closeCodes.isEmpty)
        #expect(Self.count(server, .messagesPerConnection) == 4 && Self.count(server, .messagesPerIdentity) == 4)
        #expect(Self.count(server, .bytesPerConnection) == 5)
        func told(_ limit: LimitName) -> [Int] {
            server.effects.compactMap { effect in
                if case .log(.limitWouldRefuse(limit, _, let count)) = effect { return count }
                return nil
            }
        }
        #expect(told(.messagesPerConnection) == [1] && told(.bytesPerConnection) == [1])
        server.now.instant = server.now.instant + .seconds(60)
        for _ in 0..<3 { server.send(Self.ping, on: id) }
        #expect(told(.messagesPerConnection) == [1, 4], "the first of this minute, and three that were not told")
    }

    @Test func aReloadChangesTheLimitsOfConnectionsThatAre() throws {
        let server = TestServer(loopCount: 1)
        let id = try #require(server.connect())
        for _ in 0..<50 { #expect(server.send(Self.ping, on: id)[0].contains("ok")) }
        func reload(_ limits: LimitPolicy) {
            server.shards[0].shard.deliver(.policy(TestServer.policy(limits)), at: server.now)
        }
        reload(LimitPolicy(messagesPerIdentity: Self.limit(1, 2)))
        for isPassed in [true, true, false] { #expect(server.send(Self.ping, on: id)[0].contains("ok") == isPassed) }
        reload(LimitPolicy(messagesPerIdentity: Self.limit(1, 4)))
        for isPassed in [true, true, false] { #expect(server.send(Self.ping, on: id)[0].contains("ok") == isPassed) }
        reload(.none)
        for _ in 0..<50 { #expect(server.send(Self.ping, on: id)[0].contains("ok")) }
        server.shards[0].shard.transportEnded(id, .lost, at: server.now)
        #expect(server.ledger.identityBuckets.withLock { $0.count } == 0)
    }

    /// The rule of buckets, through a whole shard: what is answered with success keeps it.
    @Test(arguments: 0..<10) func noSecondLetsMoreThrough(_ seed: Int) throws {
        var random = Generator(seed: UInt64(seed))
        let limit = RateLimit(thousandthsPerSecond: 1 + random.next(upTo: 50_000), burst: 1 + random.next(upTo: 20))
        let server = TestServer(limits: LimitPolicy(messagesPerConnection: limit, maxRateViolations: 1_000_000))
        let id = try #require(server.connect())
        var passed: [Int64] = []
        for _ in 0..<400 {
            server.now.instant = server.now.instant + Interval(nanoseconds: Int64(random.next(upTo: 50_000_000)))
            let answers = server.send(Self.ping, on: id)
            #expect(answers.count == 1)
            if answers[0].contains(#""status":"ok""#) { passed.append(server.now.instant.nanoseconds) }
        }
        for first in passed.indices {
            let tooSoon = passed.indices[first...].first { last in
                let elapsed = UInt128(passed[last] - passed[first])
                return UInt128(last - first + 1) * RateLimit.partsPerToken > limit.capacity + elapsed * limit.partsPerNanosecond
            }
            #expect(tooSoon == nil)
        }
    }
}
