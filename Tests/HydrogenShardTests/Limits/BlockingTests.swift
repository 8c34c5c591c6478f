import HydrogenConnection
import HydrogenProtocol
import Testing

@testable import HydrogenShard

/// Handshakes of addresses that connect too often or are blocked, and identities that are.
@Suite struct BlockingTests {
    private static let one = PeerAddress(ipv4: 0x0102_0304, port: 5)
    private static let other = PeerAddress(ipv4: 0x0102_0305, port: 5)

    private static let blocking = BlockingPolicy(
        after: 3, window: .seconds(60), duration: .seconds(100), maximum: .seconds(86_400))

    private static func roomy() -> ShardConfiguration {
        var configuration = TestServer.configuration()
        configuration.maxConnections = 1_000
        configuration.maxHandshakes = 1_000
        return configuration
    }

    /// What became of a handshake.
    private enum Outcome: Equatable {
        case closedAtAccept, dropped, accepted
        case refused(Int, ErrorCode, retryAfter: String?)
    }

    private static func attempt(
        _ server: TestServer, from peer: PeerAddress = one, loop: Int = 0,
        _ change: (inout HandshakeRequest) -> Void = { _ in }
    ) -> Outcome {
        guard let id = server.shards[loop].shard.accepted(peer, at: server.now) else { return .closedAtAccept }
        var request = server.request()
        change(&request)
        let decision = server.shards[loop].shard.requested(request, on: id, at: server.now)
        defer {
            server.shards[loop].shard.transportEnded(id, .closed(nil), at: server.now)
            server.turn()
        }
        switch decision {
        case .accept: return .accepted
        case .drop: return .dropped
        case .refuse(let refusal):
            let retryAfter = refusal.headers.first { $0.name == "Retry-After" }?.value
            return .refused(refusal.status, refusal.code, retryAfter: retryAfter)
        }
    }

    private static func wrongKey(_ request: inout HandshakeRequest) { request.authorization = "Key hk_wrong" }

    private static func blocked(_ server: TestServer, _ series: Int) -> Int64 {
        server.shards.reduce(0) { $0 + $1.shard.counters.value($1.shard.metrics.blocked[series]) }
    }

    private static func blockCount(_ server: TestServer, _ series: Int) -> Int64 {
        server.shards.reduce(0) { $0 + $1.shard.counters.value($1.shard.metrics.blocks[series]) }
    }

    private static func logged(_ server: TestServer, _ matches: (LogRecord) -> Bool) -> Int {
        server.effects.count { effect in
            if case .log(let record) = effect { return matches(record) }
            return false
        }
    }

    // The rate of connections

    @Test func anAddressConnectsAtItsRate() {
        let limits = LimitPolicy(connectionsPerAddress: RateLimit(thousandthsPerSecond: 400, burst: 3))
        let server = TestServer(loopCount: 2, Self.roomy(), limits: limits)
        for number in 0..<3 { #expect(Self.attempt(server, loop: number % 2) == .accepted) }
        #expect(Self.attempt(server) == .refused(429, .connectionRateLimited, retryAfter: "3"))
        #expect(Self.attempt(server, from: Self.other) == .accepted)
        server.now.instant = server.now.instant + .milliseconds(2_499)
        #expect(Self.attempt(server) == .refused(429, .connectionRateLimited, retryAfter: "1"))
        server.now.instant = server.now.instant + .milliseconds(1)
        #expect(Self.attempt(server) == .accepted)
        let counter = server.shards[0].shard.metrics.rateLimited[LimitName.connectionsPerAddress.rawValue]
        #expect(server.shards[0].shard.counters.value(counter) == 2)
    }

    @Test func theRetryOfTheBodyIsExact() throws {
        let limits = LimitPolicy(connectionsPerAddress: RateLimit(thousandthsPerSecond: 400, burst: 1))
        let server = TestServer(Self.roomy(), limits: limits)
        #expect(Self.attempt(server) == .accepted)
        let accepted = server.shards[0].shard.accepted(Self.one, at: server.now)
        let id = try #require(accepted)
        server.now.instant = server.now.instant + .milliseconds(100)
        guard case .refuse(let refusal) = server.shards[0].shard.requested(server.request(), on: id, at: server.now)
        else { throw Unexpected() }
        #expect(String(decoding: refusal.body, as: UTF8.self).contains(#""retry_after_ms":2400}"#))
    }

    private struct Unexpected: Error {}

    @Test func tenAnswersASecondAndThenTheSocketIsClosed() {
        let limits = LimitPolicy(connectionsPerAddress: RateLimit(thousandthsPerSecond: 1, burst: 1))
        let server = TestServer(Self.roomy(), limits: limits)
        #expect(Self.attempt(server) == .accepted)
        for number in 0..<30 {
            let outcome = Self.attempt(server)
            if number < 10 {
                #expect(outcome == .refused(429, .connectionRateLimited, retryAfter: "1000"))
            } else {
                #expect(outcome == .closedAtAccept)
            }
        }
        server.now.instant = server.now.instant + .milliseconds(999)
        #expect(Self.attempt(server) == .closedAtAccept)
        server.now.instant = server.now.instant + .milliseconds(1)
        #expect(Self.attempt(server) == .refused(429, .connectionRateLimited, retryAfter: "999"))
        #expect(Self.attempt(server, from: Self.other) == .accepted)
        #expect(Self.logged(server) { if case .refused = $0 { true } else { false } } == 0, "no line per refusal")
    }

    @Test func aLimitOnTrialLetsEverybodyIn() {
        let limits = LimitPolicy(
            connectionsPerAddress: RateLimit(thousandthsPerSecond: 1, burst: 1, isDryRun: true), blocking: Self.blocking)
        let server = TestServer(Self.roomy(), limits: limits)
        for _ in 0..<20 { #expect(Self.attempt(server) == .accepted) }
        let counter = server.shards[0].shard.metrics.rateLimited[LimitName.connectionsPerAddress.rawValue]
        #expect(server.shards[0].shard.counters.value(counter) == 19)
        #expect(Self.logged(server) { if case .limitWouldRefuse = $0 { true } else { false } } == 1)
    }

    // Blocks of addresses

    @Test func wrongKeysBlockTheirAddress() {
        let server = TestServer(loopCount: 2, Self.roomy(), limits: LimitPolicy(blocking: Self.blocking))
        for number in 0..<3 {
            #expect(Self.attempt(server, loop: number % 2, Self.wrongKey) == .refused(401, .authenticationInvalid, retryAfter: nil))
        }
        for loop in 0..<2 {
            #expect(Self.attempt(server, loop: loop) == .refused(403, .connectionBlocked, retryAfter: "100"))
        }
        #expect(Self.attempt(server, from: Self.other) == .accepted)
        #expect(Self.blocked(server, 0) == 1 && Self.blockCount(server, 0) == 1)
        server.advance(by: .milliseconds(99_999))
        #expect(Self.attempt(server) == .refused(403, .connectionBlocked, retryAfter: "1"))
        #expect(Self.blocked(server, 0) == 1)
        server.advance(by: .milliseconds(1))
        #expect(Self.attempt(server) == .accepted)
        #expect(Self.blocked(server, 0) == 0 && Self.blockCount(server, 0) == 1)
        #expect(Self.logged(server) { if case .blocked = $0 { true } else { false } } == 1)
        #expect(Self.logged(server) { if case .blockEnded(_, .expired) = $0 { true } else { false } } == 1)
        #expect(Self.logged(server) { if case .refused(_, .connectionBlocked, _) = $0 { true } else { false } } == 0)
    }

    @Test func theSecondBlockLastsTwiceAsLong() {
        let server = TestServer(Self.roomy(), limits: LimitPolicy(blocking: Self.blocking))
        for expected in ["100", "200", "400"] {
            for _ in 0..<3 { _ = Self.attempt(server, Self.wrongKey) }
            #expect(Self.attempt(server) == .refused(403, .connectionBlocked, retryAfter: expected))
            server.advance(by: .seconds(400))
        }
    }

    @Test func whatAProbeMeetsIsNoOffence() {
        let server = TestServer(Self.roomy(), limits: LimitPolicy(blocking: Self.blocking))
        for _ in 0..<20 {
            #expect(Self.attempt(server) { $0.path = "/x" } == .refused(404, .path, retryAfter: nil))
            #expect(Self.attempt(server) { $0.upgrade = nil } == .refused(426, .upgradeRequired, retryAfter: nil))
            #expect(Self.attempt(server) { $0.subprotocols = "x" } == .refused(400, .subprotocol, retryAfter: nil))
            #expect(Self.attempt(server) { $0.origin = "null"; $0.authorization = nil } == .refused(403, .authenticationOrigin, retryAfter: nil))
        }
        for _ in 0..<3 { #expect(Self.attempt(server) { $0.isGet = false } == .refused(405, .handshake, retryAfter: nil)) }
        #expect(Self.attempt(server) == .refused(403, .connectionBlocked, retryAfter: "100"))
        #expect(Self.blocked(server, OffenceReason.protocol.rawValue) == 1)
    }

    @Test func connectingTooOftenBlocksToo() {
        let limits = LimitPolicy(
            connectionsPerAddress: RateLimit(thousandthsPerSecond: 1, burst: 1), blocking: Self.blocking)
        let server = TestServer(Self.roomy(), limits: limits)
        #expect(Self.attempt(server) == .accepted)
        for _ in 0..<3 { #expect(Self.attempt(server) == .refused(429, .connectionRateLimited, retryAfter: "1000")) }
        #expect(Self.attempt(server) == .refused(403, .connectionBlocked, retryAfter: "100"))
        #expect(Self.blocked(server, OffenceReason.rate.rawValue) == 1)
    }

    /// The order of the contract: request, path, upgrade, block, rate, sub-protocol.
    @Test func checksHaveTheirOrder() {
        let limits = LimitPolicy(
            connectionsPerAddress: RateLimit(thousandthsPerSecond: 1, burst: 1),
            blocking: BlockingPolicy(after: 8, window: .seconds(60), duration: .seconds(100), maximum: .seconds(100)))
        let server = TestServer(Self.roomy(), limits: limits)
        #expect(Self.attempt(server) == .accepted)
        func status(_ change: (inout HandshakeRequest) -> Void) -> Int? {
            if case .refused(let status, _, _) = Self.attempt(server, change) { return status }
            return nil
        }
        func check(_ limited: Int) {
            #expect(status { $0.isGet = false } == 405)
            #expect(status { $0.path = "/x" } == 404)
            #expect(status { $0.webSocketVersion = "12" } == 426)
            #expect(status { $0.subprotocols = "x" } == limited)
            #expect(status { $0.authorization = nil } == limited)
            server.now.instant = server.now.instant + .seconds(1)
        }
        check(429)
        check(429)
        for _ in 0..<2 { #expect(status { _ in } == 429) }
        server.now.instant = server.now.instant + .seconds(1)
        check(403)
        server.shards[0].shard.deliver(.drain(spread: .seconds(1)), at: server.now)
        #expect(status { _ in } == 503)
    }

    @Test func whoIsBlockedMeanwhileGetsNoUpgradeAndNotMoreThanTenAnswers() {
        let server = TestServer(Self.roomy(), limits: LimitPolicy(blocking: Self.blocking))
        let waiting = (0..<20).compactMap { _ in server.shards[0].shard.accepted(Self.one, at: server.now) }
        for _ in 0..<3 { _ = Self.attempt(server, Self.wrongKey) }
        let answered = waiting.map { id in
            if case .refuse(let refusal) = server.shards[0].shard.requested(server.request(), on: id, at: server.now) {
                return refusal.status == 403
            }
            return false
        }
        #expect(answered.prefix(10).allSatisfy { $0 } && !answered.dropFirst(10).contains(true))
        for id in waiting { server.shards[0].shard.transportEnded(id, .lost, at: server.now) }
        server.turn()
        #expect(server.shards[0].shard.connectionCount == 0)
    }

    @Test func blockingAnAddressClosesNobodyInService() throws {
        let server = TestServer(Self.roomy(), limits: LimitPolicy(blocking: Self.blocking))
        let id = try #require(server.connect(from: Self.one))
        for _ in 0..<3 { _ = Self.attempt(server, Self.wrongKey) }
        #expect(server.closeCodes.isEmpty)
        #expect(server.send(TestServer.command("system", "ping"), on: id)[0].contains("ok"))
    }

    @Test func aV6AddressIsBlockedWithItsNetwork() {
        func peer(_ network: UInt64, _ host: UInt64) -> PeerAddress {
            PeerAddress(high: 0x2001_0db8_0000_0000 | network, low: host, port: 1)
        }
        let server = TestServer(Self.roomy(), limits: LimitPolicy(blocking: Self.blocking))
        for host in 0..<3 as Range<UInt64> { _ = Self.attempt(server, from: peer(1, host), Self.wrongKey) }
        #expect(Self.attempt(server, from: peer(1, 99)) == .refused(403, .connectionBlocked, retryAfter: "100"))
        #expect(Self.attempt(server, from: peer(2, 0)) == .accepted)
    }

    @Test func blockingOnTrialCountsAndShutsOutNobody() {
        var blocking = Self.blocking
        blocking.isDryRun = true
        let server = TestServer(Self.roomy(), limits: LimitPolicy(blocking: blocking))
        for _ in 0..<10 { #expect(Self.attempt(server, Self.wrongKey) == .refused(401, .authenticationInvalid, retryAfter: nil)) }
        #expect(Self.attempt(server) == .accepted)
        #expect(Self.blocked(server, 0) == 0 && Self.blockCount(server, 0) == 1)
        #expect(Self.logged(server) { if case .blocked(let block) = $0 { block.isDryRun } else { false } } == 1)
    }

    // Behind a proxy

    @Test func aTrustedProxySpeaksForItsClients() throws {
        var configuration = Self.roomy()
        configuration.maxHandshakes = 20
        let limits = LimitPolicy(
            connectionsPerAddress: RateLimit(thousandthsPerSecond: 1, burst: 4), blocking: Self.blocking,
            trustedProxies: [try #require(Network("10.0.0.0/8"))])
        let server = TestServer(configuration, limits: limits)
        let proxy = PeerAddress(ipv4: 0x0a00_0001, port: 1)
        func attempt(_ client: String, _ change: (inout HandshakeRequest) -> Void = { _ in }) -> Outcome {
            Self.attempt(server, from: proxy) { request in
                request.forwardedFor = client
                change(&request)
            }
        }
        for _ in 0..<3 { #expect(attempt("7.7.7.7, 1.1.1.1", Self.wrongKey) == .refused(401, .authenticationInvalid, retryAfter: nil)) }
        #expect(attempt("8.8.8.8, 1.1.1.1") == .refused(403, .connectionBlocked, retryAfter: "100"))
        #expect(attempt("1.1.1.1, 2.2.2.2") == .accepted, "what a client writes itself counts for nothing")
        for _ in 0..<3 { #expect(attempt("2.2.2.2") == .accepted) }
        #expect(attempt("2.2.2.2") == .refused(429, .connectionRateLimited, retryAfter: "1000"))
        #expect(attempt("3.3.3.3") == .accepted)
        for number in 0..<20 {
            #expect((attempt("1.1.1.1") == .dropped) == (number >= 9), "ten answers a second, and then none")
        }
        // An address that is not trusted cannot say who it is.
        #expect(Self.attempt(server) { $0.forwardedFor = "1.1.1.1" } == .accepted)
    }

    @Test func theShareOfHandshakesIsThatOfTheForwardedAddress() throws {
        let limits = LimitPolicy(trustedProxies: [try #require(Network("10.0.0.0/8"))])
        let server = TestServer(limits: limits)
        let proxy = PeerAddress(ipv4: 0x0a00_0001, port: 1)
        var request = server.request()
        request.forwardedFor = "1.1.1.1"
        func hold(_ client: String) -> Bool {
            request.forwardedFor = client
            guard let id = server.shards[0].shard.accepted(proxy, at: server.now) else { return false }
            if case .accept = server.shards[0].shard.requested(request, on: id, at: server.now) { return true }
            server.shards[0].shard.transportEnded(id, .lost, at: server.now)
            server.turn()
            return false
        }
        // A tenth of 20; none of these comes to its upgrade.
        #expect([hold("1.1.1.1"), hold("1.1.1.1"), hold("1.1.1.1"), hold("2.2.2.2")] == [true, true, false, true])
    }

    // Blocks of identities

    @Test func anIdentityIsBlockedWhereItOffendsOnAllLoops() throws {
        let server = TestServer(loopCount: 2, Self.roomy(), limits: LimitPolicy(blocking: Self.blocking))
        let here = try #require(server.connect(loop: 0, from: Self.one))
        let sibling = try #require(server.connect(loop: 1, from: Self.one))
        let elsewhere = try #require(server.connect(loop: 1, from: Self.other))
        for _ in 0..<2 { server.send(#"{"type":"x"}"#, on: here) }
        #expect(server.closeCodes.isEmpty)
        let last = server.send(#"{"type":"x"}"#, on: sibling, loop: 1)
        #expect(last.count == 1 && last[0].contains("unknown_type"), "it is answered")
        #expect(server.closeCodes == [.rateExceeded, .rateExceeded])
        #expect(server.effects.count { if case .close(_, _, reason: .connectionBlocked) = $0 { true } else { false } } == 2)
        #expect(server.send(TestServer.command("system", "ping"), on: elsewhere, loop: 1)[0].contains("ok"))
        #expect(Self.attempt(server) == .refused(403, .connectionBlocked, retryAfter: "100"))
        #expect(Self.attempt(server, Self.wrongKey) == .refused(401, .authenticationInvalid, retryAfter: nil))
        #expect(Self.attempt(server, from: Self.other) == .accepted)
        #expect(Self.blocked(server, OffenceReason.allCases.count + OffenceReason.protocol.rawValue) == 1)
    }

    @Test func ratesBlockAnIdentity() throws {
        let limits = LimitPolicy(
            messagesPerConnection: RateLimit(thousandthsPerSecond: 1, burst: 1), maxRateViolations: 2,
            blocking: Self.blocking)
        let server = TestServer(Self.roomy(), limits: limits)
        for _ in 0..<2 {
            guard let id = server.connect(from: Self.one) else { break }
            for _ in 0..<3 { server.send(TestServer.command("system", "ping"), on: id) }
        }
        #expect(server.closeCodes == [.rateExceeded, .rateExceeded])
        #expect(Self.attempt(server) == .refused(403, .connectionBlocked, retryAfter: "100"))
        #expect(Self.blocked(server, OffenceReason.allCases.count + OffenceReason.rate.rawValue) == 1)
    }

    @Test func aBlockIsToldOnceAMailboxHasRoom() throws {
        let server = TestServer(loopCount: 2, Self.roomy(), limits: LimitPolicy(blocking: Self.blocking))
        let here = try #require(server.connect(loop: 0, from: Self.one))
        _ = try #require(server.connect(loop: 1, from: Self.one))
        #expect(server.places.reserve(8, of: .events, at: 1))
        for _ in 0..<3 { server.send(#"{"type":"x"}"#, on: here) }
        #expect(server.closeCodes == [.rateExceeded])
        server.advance(by: .milliseconds(10))
        #expect(server.closeCodes == [.rateExceeded])
        server.places.release(8, of: .events, at: 1)
        server.advance(by: .milliseconds(9))
        #expect(server.closeCodes == [.rateExceeded])
        server.advance(by: .milliseconds(1))
        #expect(server.closeCodes == [.rateExceeded, .rateExceeded])
        #expect(server.shards[0].shard.nextBlockNotice == nil)
    }

    // An operator

    @Test func anOperatorSeesBlocksAndEndsThem() throws {
        let server = TestServer(loopCount: 2, Self.roomy(), limits: LimitPolicy(blocking: Self.blocking))
        let id = try #require(server.connect(loop: 1, from: Self.one))
        for _ in 0..<3 { server.send(#"{"type":"x"}"#, on: id, loop: 1) }
        for _ in 0..<3 { _ = Self.attempt(server, Self.wrongKey) }
        for _ in 0..<3 { _ = Self.attempt(server, from: Self.other, Self.wrongKey) }
        let found = Answers<BlockDescription>()
        for box in server.shards { box.shard.deliver(.describeBlocks(answer: { found.append($0) }), at: server.now) }
        #expect(found.all.count == 3 && found.all.count { $0.offender.identity == "tester" } == 1)
        let lifted = Answers<Int>()
        for box in server.shards {
            box.shard.deliver(.liftBlocks(Self.one, answer: { lifted.append([$0]) }), at: server.now)
        }
        #expect(lifted.all == [1, 1])
        #expect(Self.attempt(server) == .accepted)
        #expect(Self.attempt(server, from: Self.other) == .refused(403, .connectionBlocked, retryAfter: "100"))
        #expect(Self.logged(server) { if case .blockEnded(_, .lifted) = $0 { true } else { false } } == 2)
        for _ in 0..<3 { _ = Self.attempt(server, Self.wrongKey) }
        #expect(Self.attempt(server) == .refused(403, .connectionBlocked, retryAfter: "100"), "the next is a first one")
    }

    @Test(arguments: [true, false]) func aReloadThatEndsBlockingEndsBlocks(_ isDryRun: Bool) {
        let server = TestServer(Self.roomy(), limits: LimitPolicy(blocking: Self.blocking))
        for _ in 0..<3 { _ = Self.attempt(server, Self.wrongKey) }
        #expect(Self.blocked(server, 0) == 1)
        var blocking: BlockingPolicy? = Self.blocking
        if isDryRun { blocking?.isDryRun = true } else { blocking = nil }
        server.shards[0].shard.deliver(.policy(TestServer.policy(LimitPolicy(blocking: blocking))), at: server.now)
        server.turn()
        #expect(Self.blocked(server, 0) == 0)
        #expect(Self.attempt(server) == .accepted)
        server.shards[0].shard.deliver(.policy(TestServer.policy(LimitPolicy(blocking: Self.blocking))), at: server.now)
        #expect(Self.attempt(server) == .accepted)
    }
}

/// What closures were given.
private final class Answers<Element: Sendable>: Sendable {
    private let cell = SpinLocked<[Element]>([])
    var all: [Element] { self.cell.withLock { $0 } }
    func append(_ elements: [Element]) { self.cell.withLock { $0 += elements } }
}
