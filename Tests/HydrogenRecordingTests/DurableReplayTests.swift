import HydrogenCrypto
import HydrogenProtocol
import HydrogenShard
import Testing

@testable import HydrogenRecording

/// A server with the durable store: what it found there is in the recording, and so is what the store answered.
@Suite struct DurableReplayTests {
    static let sessionToken = "hs_from before"

    /// A session of loop 1 with two events, and another event that is retained.
    static func restored() -> RestoredState {
        var writer = EnvelopeWriter()
        let events = (1...3).map { number in
            PublishedEvent(
                EventID(origin: 77, loop: 0, number: number), channel: 1, named: Array("print".utf8),
                action: Array("keep.it".utf8), data: Array(#"{"key":"\#(RecordedLoops.token)"}"#.utf8).span,
                priority: .high, isRetained: number == 3, isGuaranteed: true, audience: .subscribers, sequence: number,
                writer: &writer, at: Moment(instant: Instant(nanoseconds: 0), wall: WallTime(milliseconds: 0)))
        }
        let session = StoredSession(
            key: SessionKey(bits: 5), id: "s1-before", identity: "tester",
            keyDigest: SHA256.hash(Array(RecordedLoops.token.utf8).span),
            tokens: [SHA256.hash(Array(Self.sessionToken.utf8).span)], nextSubscriptionNumber: 2, gaps: [3...4],
            lastOffset: 6)
        let subscription = StoredSubscription(
            name: .init(session: session.key, number: 1), channel: 1, topic: Array("keep.*".utf8), filter: [],
            isGuaranteed: true, priority: .low, conflateInterval: nil, conflateBy: nil)
        let rows = [
            RestoredSession.Row(offset: 5, event: events[0], priority: .low, isRetained: false),
            RestoredSession.Row(offset: 6, event: events[1], priority: .high, isRetained: true),
        ]
        return RestoredState(
            sessions: [RestoredSession(session: session, subscriptions: [subscription], rows: rows, lost: [2])],
            retained: [events[2]],
            publishKeys: [
                StoredPublishKey(
                    key: PublishKey(identity: "tester", channel: 1, key: Array("k".utf8)), event: events[0].id,
                    until: WallTime(milliseconds: 1_800_000_100_000))
            ])
    }

    @Test func aStateComesBack() throws {
        var encoder = RecordingEncoder(mask: nil)
        encoder.append(Self.restored())
        var decoder = RecordingDecoder(encoder.bytes)
        let read = try decoder.value(RestoredState.self)
        #expect(decoder.isAtEnd)
        var again = RecordingEncoder(mask: nil)
        again.append(read)
        #expect(again.bytes == encoder.bytes)
        let given = Self.restored().sessions[0]
        let session = try #require(read.sessions.first)
        #expect(session.session == given.session && session.subscriptions == given.subscriptions)
        #expect(session.rows.map(\.offset) == [5, 6] && session.rows.map(\.event.body) == given.rows.map(\.event.body))
        #expect(session.lost == [2] && read.retained.count == 1 && read.publishKeys == Self.restored().publishKeys)
    }

    @Test func itIsReplayedExactly() throws {
        var configuration = RecordedLoops.configuration()
        configuration.delivery.isDurable = true
        let loops = RecordedLoops(loopCount: 2, configuration)
        loops.restore(Self.restored(), to: 1)
        let publisher = try #require(loops.connect(loop: 0))
        let receiver = try #require(loops.connect(loop: 0))
        let resume = #"{"session":"s1-before","token":"\#(Self.sessionToken)","offset":0}"#
        loops.send(loops.command("system", "resume", resume), on: receiver)
        loops.answerStore()
        #expect(loops.written.contains { $0.contains(#""pending":2"#) }, "\(loops.written)")
        let publish = #"{"action":"keep.it","guaranteed":true,"count":true,"key":"new"}"#
        loops.send(loops.command("print", "publish", publish), on: publisher)
        loops.answerStore()
        #expect(loops.written.contains { $0.contains(#""receivers":1"#) })
        loops.send(#"{"type":"ack","offset":5,"auth":{"token":"\#(RecordedLoops.token)"}}"#, on: receiver)
        loops.advance(by: .milliseconds(20))
        // It fails, and heals.
        loops.answerStore(false)
        for isStored in [false, true, true] {
            loops.send(loops.command("print", "publish", #"{"action":"keep.it","guaranteed":true}"#), on: publisher)
            loops.advance(by: .milliseconds(250))
            loops.answerStore(isStored)
        }
        loops.deliver(
            .publish(
                ServerPublish(
                    number: 1, channel: 1, action: Array("keep.it".utf8), data: Array("{}".utf8), isGuaranteed: true)),
            to: 1)
        loops.answerStore()
        let blocks = loops.finish()
        let outcome = try replay(blocks)
        #expect(outcome.stop == nil)
        // No key is in it, also none of an event that was restored.
        let text = String(decoding: blocks.flatMap(\.payload), as: UTF8.self)
        #expect(text.contains("keep.it") && !text.contains(RecordedLoops.token))
    }
}
