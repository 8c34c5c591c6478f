import HydrogenProtocol
import Testing

@testable import HydrogenShard

/// The small values that limits and blocks are made of.
@Suite struct LimitTypesTests {
    private static func at(_ seconds: Int64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }

    /// The first of the vectors that the authors of SipHash publish: key 00…0f, messages 00, 00 01, ….
    @Test(arguments: [
        (0, 0x726f_db47_dd0e_0e31), (1, 0x74f8_39c5_93dc_67fd), (2, 0x0d6c_8009_d9a9_4f5a), (7, 0xab02_00f5_8b01_d137),
        (8, 0x93f5_f579_9a93_2462), (9, 0x9e00_82df_0ba9_e4b0), (15, 0xa129_ca61_49be_45e5),
    ] as [(Int, UInt64)])
    func theHashIsSipHash(_ count: Int, _ expected: UInt64) {
        let bytes = (0..<count).map { UInt8($0) }
        var hash = SaltedHash(HashSalt(0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908))
        var rest = bytes[...]
        while rest.count >= 8 {
            hash.combine(rest.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) })
            rest = rest.dropFirst(8)
        }
        #expect(hash.finish(rest) == expected)
        var whole = SaltedHash(HashSalt(0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908))
        #expect(whole.finish(bytes) == expected)
    }

    @Test func addressesCountWholeOrByTheirNetwork() {
        func peer(_ text: String) -> PeerAddress? {
            NetworkAddress(text).map { PeerAddress(high: $0.high, low: $0.low, port: 1) }
        }
        for (one, other, isSame) in [
            ("1.2.3.4", "1.2.3.4", true), ("1.2.3.4", "1.2.3.5", false), ("::ffff:1.2.3.4", "1.2.3.4", true),
            ("2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", true), ("2001:db8::1", "2001:db8:0:1::1", false),
            ("::1", "::2", true), ("::1", "0.0.0.1", false),
        ] {
            #expect((peer(one).map(CountedAddress.init) == peer(other).map(CountedAddress.init)) == isSame, "\(one) \(other)")
        }
    }

    @Test(arguments: [(63, 63), (64, 64), (65, 65), (1_000, 1_000)])
    func aWindowTellsTheNthAndStaysSmall(_ limit: Int, _ expected: Int) {
        var window = OccurrenceWindow()
        let span = Interval(nanoseconds: 64_000)
        var told = 0
        for count in 1...limit {
            // All within a little less than the span.
            let now = Instant(nanoseconds: Int64(count) * 60_000 / Int64(limit))
            if window.record(at: now, limit: limit, within: span), told == 0 { told = count }
        }
        #expect(told == expected)
    }

    /// Whatever the limit: never told of fewer than `limit` occurrences within the span, and never missed when they
    /// came within 63 of its 64 parts.
    @Test(arguments: [2, 64, 65, 300]) func aWindowErrsByA64thAtMost(_ limit: Int) {
        var random = Generator(seed: UInt64(limit))
        var window = OccurrenceWindow()
        let span = Interval.seconds(60)
        var times: [Instant] = []
        var now = Instant(nanoseconds: 0)
        for _ in 0..<1_200 {
            now = now + Interval(nanoseconds: Int64(random.next(upTo: Int(2 * span.nanoseconds) / limit)))
            times.append(now)
            let isTold = window.record(at: now, limit: limit, within: span)
            let within = times.count { now - $0 < span }
            let surely = times.count { now - $0 < Interval(nanoseconds: span.nanoseconds / 64 * 63) }
            let isRight = isTold ? within >= limit : surely < limit
            let isExact = isTold == (within >= limit)
            if !isRight || (limit <= OccurrenceWindow.maximumRunCount && !isExact) {
                Issue.record("\(times.count): \(within) within the span, told: \(isTold)")
            }
        }
    }

    @Test func aWindowAdmitsSoManyAndCountsNotTheRest() {
        var window = OccurrenceWindow()
        func admit(_ nanoseconds: Int64) -> Bool {
            window.admit(at: Instant(nanoseconds: nanoseconds), limit: 3, within: Interval(nanoseconds: 10))
        }
        #expect([admit(0), admit(5), admit(6), admit(7), admit(9)] == [true, true, true, false, false])
        #expect([admit(10), admit(14), admit(15), admit(15)] == [true, false, true, false])
    }

    @Test(arguments: [
        (60, 86_400, [60, 120, 240, 480]), (60, 100, [60, 100, 100]), (100, 60, [60, 60]), (1, 2_592_000, [1, 2, 4]),
    ] as [(Int64, Int64, [Int64])])
    func blocksDouble(_ duration: Int64, _ maximum: Int64, _ expected: [Int64]) {
        let policy = BlockingPolicy(
            after: 1, window: .seconds(1), duration: .seconds(duration), maximum: .seconds(maximum))
        for (index, seconds) in expected.enumerated() {
            #expect(policy.duration(ofBlock: index + 1) == .seconds(seconds))
        }
        #expect(policy.duration(ofBlock: 1_000_000_000) == .seconds(maximum))
    }

    private static let before: [ErrorCode: OffenceReason] = [
        .authenticationMissing: .authentication, .authenticationInvalid: .authentication,
        .authenticationExpired: .authentication, .authenticationRevoked: .authentication,
        .handshake: .protocol, .framing: .protocol, .connectionRateLimited: .rate,
    ]
    private static let after: [ErrorCode: OffenceReason] = [
        .malformedJSON: .protocol, .notAnObject: .protocol, .missingField: .protocol, .invalidField: .protocol,
        .unknownType: .protocol, .tooLarge: .protocol, .tooDeep: .protocol, .binary: .protocol, .invalidUTF8: .protocol,
        .framing: .protocol, .subprotocol: .protocol, .handshake: .protocol, .path: .protocol,
        .upgradeRequired: .protocol, .authenticationInvalid: .authentication, .session: .authentication,
        .signatureInvalid: .authentication, .replayed: .authentication, .connectionRateLimited: .rate,
    ]

    @Test(arguments: ErrorCode.allCases) func whatIsAnOffence(_ code: ErrorCode) {
        #expect(code.offenceBeforeAuthentication == Self.before[code])
        #expect(code.offenceAfterAuthentication == Self.after[code])
    }

    @Test(arguments: [
        (nil, "10.0.0.1"), ("", "10.0.0.1"), ("1.2.3.4", "1.2.3.4"), ("9.9.9.9, 1.2.3.4", "1.2.3.4"),
        ("9.9.9.9, 1.2.3.4, 10.0.0.2", "1.2.3.4"), ("1.2.3.4,10.0.0.2,10.0.0.3", "1.2.3.4"),
        ("10.0.0.9, 10.0.0.8", "10.0.0.9"), ("unknown", "10.0.0.1"), ("1.2.3.4, unknown", "10.0.0.1"),
        ("1.2.3.4, unknown, 10.0.0.2", "10.0.0.2"), ("1.2.3.4:5678", "1.2.3.4"), ("[2001:db8::1]:443", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"), ("[2001:db8::1", "10.0.0.1"), (" 1.2.3.4\t", "1.2.3.4"),
        ("1.2.3.4,", "10.0.0.1"), ("1.2.3.4, 2001:db8:ffff::1", "1.2.3.4"), ("1.2.3.4.5", "10.0.0.1"),
    ] as [(String?, String)])
    func theClientIsTheRightmostThatIsNotTrusted(_ header: String?, _ client: String) throws {
        let policy = LimitPolicy(
            trustedProxies: [try #require(Network("10.0.0.0/8")), try #require(Network("2001:db8:ffff::/48"))])
        let proxy = PeerAddress(ipv4: 0x0a00_0001, port: 9)
        let found = ForwardedAddress.client(behind: proxy, header, policy)
        #expect(NetworkAddress(high: found.high, low: found.low).text == client)
    }

    @Test(arguments: [
        (0, 0, 0), (1, 1, 1), (999_999, 1, 1), (1_000_000, 1, 1), (1_000_001, 2, 1), (999_999_999, 1_000, 1),
        (1_000_000_000, 1_000, 1), (1_000_000_001, 1_001, 2), (59_999_999_999, 60_000, 60),
    ] as [(Int64, Int64, Int64)])
    func whoWaitsIsToldNoLess(_ nanoseconds: Int64, _ milliseconds: Int64, _ seconds: Int64) {
        let interval = Interval(nanoseconds: nanoseconds)
        #expect(interval.millisecondsRoundedUp == milliseconds)
        #expect(interval.secondsRoundedUp == seconds)
    }

    @Test(arguments: [nil, 0, 1, 5_000_000_000, Int64.max - 1] as [Int64?])
    func timesPassTheTape(_ nanoseconds: Int64?) {
        let time = nanoseconds.map { Instant(nanoseconds: $0) }
        #expect(Instant?(word: time.word) == time)
    }
}
