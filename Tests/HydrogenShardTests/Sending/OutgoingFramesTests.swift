import HydrogenProtocol
import Testing

@testable import HydrogenShard

@Suite struct OutgoingFramesTests {
    private let start = Instant(nanoseconds: 1_000)

    private func frame(_ payloadCount: Int, in frames: inout OutgoingFrames) -> ByteRange {
        let start = frames.beginFrame()
        frames.bytes += [UInt8](repeating: 0x61, count: payloadCount)
        return frames.endFrame(.text, start)
    }

    private func entries(_ frames: OutgoingFrames, from first: UInt32) -> [OutgoingFrames.Entry] {
        var entries: [OutgoingFrames.Entry] = []
        var next = first
        while next != OutgoingFrames.none {
            entries.append(frames.entries[Int(next)])
            next = entries[entries.count - 1].next
        }
        return entries
    }

    @Test(arguments: [1, 125, 126, 300, 65_535, 65_536]) func framesSideBySideAreOneEntry(payloadCount: Int) {
        var frames = OutgoingFrames(maximumEntryByteCount: 1_000_000)
        var first = OutgoingFrames.none
        var last = OutgoingFrames.none
        for _ in 0..<3 {
            let frame = frame(payloadCount, in: &frames)
            last = frames.append(frame, .response, .critical, after: last)
            if first == OutgoingFrames.none { first = last }
        }
        let all = entries(frames, from: first)
        #expect(all.count == 1)
        #expect(all[0].frameCount == 3)
        #expect(Int(all[0].payloadByteCount) == 3 * payloadCount)
        // They come apart again, frame by frame.
        var rest = all[0].frames
        var payloads: [Int] = []
        while !rest.isEmpty {
            let (single, others) = frames.split(rest, .response)
            payloads.append(FrameHeader.payloadCount(ofFrame: single.count))
            rest = others
        }
        #expect(payloads == [payloadCount, payloadCount, payloadCount])
    }

    @Test func whatCountsDifferentlyStaysApart() {
        var frames = OutgoingFrames(maximumEntryByteCount: 1_000_000)
        let body = Array("{\"type\":\"event\"".utf8)
        let later = start + .milliseconds(1)
        var last = OutgoingFrames.none
        var first = OutgoingFrames.none
        let kinds: [(FrameKind, Priority)] = [
            (.event(publishedAt: start), .normal), (.event(publishedAt: start), .normal),
            (.event(publishedAt: start), .high), (.event(publishedAt: later), .high),
        ]
        for (kind, priority) in kinds {
            let frame = frames.appendEvent(body, EventTail(priority: .normal))
            last = frames.append(frame, kind, priority, after: last)
            if first == OutgoingFrames.none { first = last }
        }
        #expect(entries(frames, from: first).map(\.frameCount) == [2, 1, 1])
    }

    /// What is answered to the publisher between two events does not part them.
    @Test func eventsLieSideBySideWhateverIsAnsweredBetween() {
        var frames = OutgoingFrames(maximumEntryByteCount: 1_000_000)
        let body = Array("{\"type\":\"event\"".utf8)
        var subscriber = OutgoingFrames.none
        var publisher = OutgoingFrames.none
        for _ in 0..<4 {
            let event = frames.appendEvent(body, EventTail())
            subscriber = frames.append(event, .event(publishedAt: start), .normal, after: subscriber)
            let response = frame(200, in: &frames)
            publisher = frames.append(response, .response, .critical, after: publisher)
        }
        #expect(frames.entries.map(\.frameCount) == [4, 4])
        let bytes = frames.withBytes(of: frames.entries[0].frames, frames.entries[0].kind) { [UInt8]($0) }
        let text = "{\"type\":\"event\"}"
        #expect(bytes == Array(repeating: [0x81, UInt8(text.utf8.count)] + Array(text.utf8), count: 4).flatMap { $0 })
    }

    @Test(arguments: [607, 608, 609]) func anEntryHasAMaximum(maximum: Int) {
        var frames = OutgoingFrames(maximumEntryByteCount: maximum)
        var last = OutgoingFrames.none
        for _ in 0..<2 {
            let frame = frame(300, in: &frames)
            last = frames.append(frame, .response, .critical, after: last)
        }
        #expect(frames.entries.count == (maximum >= 608 ? 1 : 2))
    }
}
