import HydrogenConnection
import HydrogenCrypto
import HydrogenProtocol
import HydrogenShard
import Testing

@testable import HydrogenRecording

/// What is written comes back, and what was not written is told.
@Suite struct FormatTests {
    private static func block() -> RecordingBlock {
        RecordingBlock(.records, flags: .holdsBack, loop: 300, number: 1 << 40, payload: Array(0..<100))
    }

    @Test func aBlockComesBack() throws {
        let block = Self.block()
        let read = try RecordingBlockHeader(block.header).block(block.payload)
        #expect(read.kind == .records && read.flags == .holdsBack && read.loop == 300 && read.number == 1 << 40)
        #expect(read.payload == block.payload)
    }

    @Test func everyFlippedBitIsTold() {
        let block = Self.block()
        let bytes = block.header + block.payload
        for bit in 0..<bytes.count * 8 {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << (bit % 8)
            let count = RecordingFormat.headerByteCount
            #expect(throws: RecordingFault.self, "bit \(bit)") {
                try RecordingBlockHeader(Array(damaged[..<count])).block(Array(damaged[count...]))
            }
        }
    }

    @Test(arguments: [0, 1, 127, 128, 16_383, 16_384, UInt64(Int64.max), .max])
    func numbersComeBack(_ number: UInt64) throws {
        var encoder = RecordingEncoder(mask: nil)
        encoder.append(number)
        encoder.append(signed: Int64(bitPattern: number))
        encoder.append(fixed: UInt32(truncatingIfNeeded: number))
        var decoder = RecordingDecoder(encoder.bytes)
        #expect(try decoder.number() == number)
        #expect(try decoder.signed() == Int64(bitPattern: number))
        #expect(try decoder.fixed() == UInt32(truncatingIfNeeded: number))
        #expect(decoder.isAtEnd)
    }

    @Test(arguments: [
        [0x80], Array(repeating: 0x80, count: 10), Array(repeating: 0xff, count: 9) + [0x02],
        Array(repeating: 0xff, count: 10) + [0x01],
    ] as [[UInt8]])
    func numbersThatAreNoneAreTold(_ bytes: [UInt8]) {
        var decoder = RecordingDecoder(bytes)
        #expect(throws: RecordingFault.self) { try decoder.number() }
    }

    /// Fields that were added, and that the codec does not know, would be missing here.
    @Test func everyFieldOfTheHeadComesBack() throws {
        var configuration = RecordedLoops.configuration()
        configuration.sessions = SessionSettings(resumeWindow: .seconds(7), maxDetached: 11)
        configuration.delivery = DeliverySettings(
            window: 1, ackTimeout: .seconds(2), maxAttempts: 3, maxOutboxEvents: 4, maxOutboxBytes: 5,
            isDurable: true)
        let head = RecordingHead(
            serverVersion: "1.2.3", startedAt: WallTime(milliseconds: 5), loopCount: 3, configuration: configuration,
            policy: ShardPolicy(
                requiresMessageToken: false, allowedOrigins: [], maxProtocolErrors: 77, limits: Self.limits,
                signedActions: ["file.delete", "print.job.start"].compactMap(SignedAction.init),
                signatureWindow: .seconds(78)),
            keys: KeyRing(grants: [RecordedLoops.grant("a", "b", expires: WallTime(milliseconds: -9))], anonymous: nil))
        let read = try RecordingHead(head.block(mask: KeyMask(secret: [1])))
        #expect(Self.text(read.configuration) == Self.text(head.configuration))
        #expect(Self.text(read.policy) == Self.text(head.policy))
        #expect(read.loopCount == 3 && read.serverVersion == "1.2.3" && read.startedAt == head.startedAt)
        #expect(read.keys.grants.count == 1 && read.keys.grants[0].expires == WallTime(milliseconds: -9))
        // A field more must be recorded: then its number may be raised.
        #expect(Mirror(reflecting: configuration).children.count == 21)
        #expect(Mirror(reflecting: configuration.sessions).children.count == 2)
        #expect(Mirror(reflecting: head.policy.limits).children.count == 8)
        #expect(Mirror(reflecting: configuration.delivery).children.count == 6)
        #expect(Mirror(reflecting: configuration.timeouts).children.count == 7)
        #expect(Mirror(reflecting: configuration.channels[0]).children.count == 4)
        #expect(Mirror(reflecting: head.policy).children.count == 6)
        #expect(Mirror(reflecting: head.keys.grants[0]).children.count == 7)
        #expect(Mirror(reflecting: HandshakeRequest(isGet: true, isHTTP11: true, path: "")).children.count == 12)
    }

    private static let ticket = Ticket(
        number: 7, digest: Digest(words: (1, 2, 3, 4)), identity: "i", permissions: [],
        issuer: Digest(words: (5, 6, 7, 8)), redeemBefore: Instant(nanoseconds: 9), lifetime: .seconds(10))

    private static let limits = LimitPolicy(
        connectionsPerAddress: RateLimit(thousandthsPerSecond: 1, burst: 2, isDryRun: true),
        messagesPerConnection: RateLimit(thousandthsPerSecond: 3, burst: 4), bytesPerConnection: nil,
        messagesPerIdentity: RateLimit(thousandthsPerSecond: 5, burst: 6), maxRateViolations: 7,
        blocking: BlockingPolicy(
            after: 8, window: .seconds(9), duration: .seconds(10), maximum: .seconds(11), isDryRun: true),
        trustedProxies: ["10.0.0.0/8", "fd00::/8", "127.0.0.1"].compactMap { Network($0) })

    private static func text(_ value: Any) -> String {
        var text = ""
        dump(value, to: &text)
        return text
    }

    @Test(arguments: [0, RecordingFormat.version - 1, RecordingFormat.version + 1, 1 << 30])
    func anotherFormatIsTold(_ version: UInt64) {
        var encoder = RecordingEncoder(mask: nil)
        encoder.append(version)
        #expect(throws: RecordingFault.otherFormat(version: version)) {
            try RecordingHead(RecordingBlock(.head, payload: encoder.bytes))
        }
    }

    /// Blocks that are damaged in a way that the checksum does not see: whatever they say, reading them never traps.
    @Test func nonsenseIsToldAndNeverTraps() throws {
        let blocks = try ReplayTests.recording()
        var random: UInt64 = 42
        func next(_ bound: Int) -> Int {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(truncatingIfNeeded: random >> 33) % bound
        }
        var faultCount = 0
        for round in 0..<6_000 {
            var block = blocks[round % blocks.count]
            for _ in 0...next(3) {
                switch next(3) {
                case 0 where !block.payload.isEmpty: block.payload[next(block.payload.count)] = UInt8(next(256))
                case 1 where !block.payload.isEmpty: block.payload.removeLast(next(block.payload.count))
                default: block.payload.insert(UInt8(next(256)), at: next(block.payload.count + 1))
                }
            }
            do {
                if block.kind == .head { _ = try RecordingHead(block) }
                var reader = StepReader(loopCount: 2, startedAt: WallTime(milliseconds: 0))
                var decoder = RecordingDecoder(block.payload)
                while !decoder.isAtEnd {
                    guard case .step(let step) = try reader.next(from: &decoder) else { continue }
                    _ = step.input.text + step.outcome.text
                }
                var heldBack = HeldBackBytes(loopCount: 2)
                block.flags.insert(.holdsBack)
                try heldBack.read(block)
            } catch {
                faultCount += 1
            }
        }
        #expect(faultCount > 1_000)
    }

    @Test func mailComesBack() throws {
        var writer = EnvelopeWriter()
        let now = Moment(instant: Instant(nanoseconds: 99), wall: WallTime(milliseconds: 1_000))
        let id = EventID(origin: .max, loop: 2, number: 3)
        let grant = RecordedLoops.grant("a", "b")
        let audiences: [Audience] = [
            .subscribers, .identity("a"), .session("b"), .identityAndSession(identity: "c", session: "d"), .all,
            .administrators,
        ]
        var mails: [Mail] = audiences.map { audience in
            let event = PublishedEvent(
                id, channel: 1, named: Array("print".utf8), action: Array("a.b".utf8),
                data: Array(#"{"x":1}"#.utf8).span, priority: .low, isRetained: true, audience: audience, sequence: 7,
                writer: &writer, at: now)
            return .event(event, report: ReceiverReport(loop: 1, publication: 2))
        }
        mails += [
            .answer(ServiceAnswer(slot: 1, generation: 2, outcome: .success([1]))),
            .answer(ServiceAnswer(slot: 1, generation: 2, outcome: .failure(.busy, details: "so"))),
            .keys(KeyRing(grants: [grant], anonymous: grant)),
            .policy(ShardPolicy(requiresMessageToken: true, allowedOrigins: ["*"], maxProtocolErrors: 1)),
            .drain(spread: .seconds(1)), .disconnect(.session("s"), answer: { _ in }),
            .disconnect(.identity("i"), answer: { _ in }),
            .stored(StoreAnswer(ticket: 9, isStored: true, commit: .milliseconds(2))),
            .stored(StoreAnswer(ticket: 1 << 40, isStored: false, commit: nil)),
            .publish(
                ServerPublish(
                    number: 3, channel: 1, action: Array("a.b".utf8), data: Array("{}".utf8), priority: .high,
                    isRetained: true, isGuaranteed: true, audience: .identity("a"),
                    key: PublishKey(identity: "p", channel: 1, key: [1]), wantsCount: true)),
            .describeBlocks(answer: { _ in }), .liftBlocks(PeerAddress(high: 9, low: 8, port: 7), answer: { _ in }),
            .disconnect(.address(PeerAddress(high: 1, low: 2, port: 3)), answer: { _ in }), .describe(DescriptionPage(), answer: { _ in }),
            .describeSessions(DescriptionPage(), answer: { _ in }),
            .ticket(Self.ticket, answer: {}),
            .refusedElsewhere(.authenticationInvalid, Offender(CountedAddress(PeerAddress(high: 1, low: 0, port: 0)))),
            .limitedElsewhere(
                .messagesPerIdentity, Offender(CountedAddress(PeerAddress(ipv4: 1, port: 0)), identity: "i"), isDryRun: true),
        ]
        for mail in mails {
            let kind = try #require(RecordedMailKind(mail))
            var encoder = RecordingEncoder(mask: nil)
            mail.encode(to: &encoder)
            var decoder = RecordingDecoder(encoder.bytes)
            let read = try Mail(kind, from: &decoder)
            #expect(decoder.isAtEnd, "\(mail.text)")
            var again = RecordingEncoder(mask: nil)
            read.encode(to: &again)
            #expect(again.bytes == encoder.bytes, "\(mail.text)")
            #expect(read.text == mail.text)
        }
    }

    @Test func theWallClockIsToldByTheOther() {
        var writing = WallPrediction()
        var reading = WallPrediction()
        let times: [(Int64, Int64)] = [(0, 5), (999_999, 5), (1_000_000, 6), (7_000_000, -100), (8_500_000, -99)]
        for (instant, wall) in times {
            let deviation = writing.deviation(of: instant, wall: wall)
            #expect(reading.wall(at: instant, deviation: deviation) == wall)
        }
    }
}
