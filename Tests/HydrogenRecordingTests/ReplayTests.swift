import HydrogenProtocol
import HydrogenShard
import Testing

@testable import HydrogenRecording

/// What was recorded is done again, and every difference is found.
@Suite struct ReplayTests {
    /// Everything that can happen to loops, at least once.
    static func conversation(_ loops: RecordedLoops) throws {
        loops.restore(DurableReplayTests.restored(), to: 1)
        let first = try #require(loops.connect(loop: 0))
        let second = try #require(loops.connect(loop: 1))
        loops.send(loops.command("print", "subscribe", #"{"topic":"job.*"}"#), on: second, loop: 1)
        loops.send(loops.command("print", "subscribe", #"{"topic":"**","conflate_ms":50}"#), on: first)
        // Counted, keyed, keyed again, retained, in pieces, and to nobody.
        loops.send(loops.command("print", "publish", #"{"action":"job.done","count":true}"#), on: first)
        for _ in 0..<2 {
            loops.send(loops.command("print", "publish", #"{"action":"job.done","key":"a"}"#), on: first)
            loops.send(loops.command("print", "publish", #"{"action":"job.done","key":"b"}"#), on: first)
        }
        loops.send(loops.command("print", "publish", #"{"action":"job.kept","retain":true}"#), on: first, pieces: 10)
        loops.send(loops.command("print", "publish", #"{"action":"x","to":{"identity":"no"}}"#), on: first)
        // Guaranteed: acknowledged, sent again, and resumed by another connection.
        loops.send(loops.command("print", "subscribe", #"{"topic":"keep.*","guaranteed":true}"#), on: second, loop: 1)
        for _ in 0..<3 { loops.send(loops.command("print", "publish", #"{"action":"keep.it"}"#), on: first) }
        loops.send(
            #"{"type":"ack","offset":1,"auth":{"token":"\#(RecordedLoops.token)"}}"#, on: second, loop: 1)
        loops.advance(by: .seconds(11))
        // A service that answers, one that fails, one that is late.
        for _ in 0..<3 { loops.send(loops.command("file", "list"), on: first) }
        loops.answer(.success(Array("{}".utf8)))
        loops.answer(.failure(.notFound, details: "the disk is gone"))
        loops.send(loops.command("file", "list"), on: first)
        loops.advance(by: .seconds(31))
        loops.answer(.success(Array(#"{"late":true}"#.utf8)))
        // A slow reader.
        loops.choked = [second]
        loops.send(loops.command("print", "publish", #"{"action":"job.slow"}"#), on: first)
        loops.choked = []
        loops.writable(second, loop: 1)
        // What is wrong, and what an operator does.
        loops.send("nonsense", on: first)
        loops.pong(on: first)
        loops.framingFailed(on: first)
        loops.end(first, loop: 0, .closed(1002))
        #expect(loops.connect(loop: 0, loops.request("Key no such key")) == nil)
        loops.deliver(.describe(DescriptionPage(), answer: { _ in }), to: 1)
        loops.deliver(.disconnect(.identity("nobody"), answer: { _ in }), to: 1)
        loops.deliver(
            .policy(ShardPolicy(requiresMessageToken: false, allowedOrigins: nil, maxProtocolErrors: 9)), to: 0)
        loops.deliver(
            .keys(KeyRing(grants: [RecordedLoops.grant("tester", RecordedLoops.secondToken)], anonymous: nil)), to: 1)
        loops.end(second, loop: 1)
        let third = try #require(loops.connect(loop: 1, loops.request("Key \(RecordedLoops.secondToken)")))
        loops.closeReceived(1000, on: third, loop: 1)
        loops.deliver(.drain(spread: .seconds(1)), to: 1)
        loops.end(third, loop: 1, .closed(1000))
        loops.advance(by: .seconds(400))
    }

    static func recording() throws -> [RecordingBlock] {
        let loops = RecordedLoops()
        try Self.conversation(loops)
        return loops.finish()
    }

    @Test func aReplayIsWhatWasRecorded() throws {
        let blocks = try Self.recording()
        var inputs: Set<String> = []
        let outcome = try replay(blocks, changing: { _ in }) { step in
            inputs.insert(String("\(step.recorded.input)".prefix { $0 != "(" }))
        }
        #expect(outcome.stop == nil)
        #expect(outcome.stepCount > 200)
        #expect(inputs.count == RecordKind.allCases.count - 1, "all calls but `flush`, which needs 256 KiB: \(inputs)")
        #expect(blocks.count > 5, "blocks are handed over as time passes")
    }

    /// A core that decides otherwise in one point only.
    @Test(arguments: [
        ("maxSubscriptions", 0), ("maxCommandsInFlight", 1), ("maxMessageBytes", 60), ("maxPublishKeys", 0),
    ])
    func aCoreThatDiffersIsFound(_ limit: String, _ value: Int) throws {
        let outcome = try replay(try Self.recording(), changing: { head in
            switch limit {
            case "maxSubscriptions": head.configuration.maxSubscriptions = value
            case "maxCommandsInFlight": head.configuration.maxCommandsInFlight = value
            case "maxPublishKeys": head.configuration.maxPublishKeys = value
            default: head.configuration.maxMessageBytes = value
            }
        })
        guard case .difference(let difference) = outcome.stop else {
            Issue.record("no difference, but \(String(describing: outcome.stop))")
            return
        }
        #expect(!difference.input.isEmpty && difference.recorded != difference.replayed)
    }

    @Test func aMissingBlockIsTold() throws {
        var blocks = try Self.recording()
        let place = try #require(blocks.indices.first { $0 > 3 && blocks[$0].loop == 1 })
        blocks.remove(at: place)
        guard case .fault(.gap(loop: 1)) = try replay(blocks).stop else {
            Issue.record("no gap")
            return
        }
    }

    @Test func aBeginningIsReplayedToo() throws {
        let blocks = try Self.recording()
        for count in stride(from: 1, to: blocks.count, by: 3) {
            #expect(try replay(Array(blocks[..<count])).stop == nil)
        }
    }

    /// Blocks of a loop may stand in the file before those of the loop whose mail they take.
    @Test func loopsWaitForEachOther() throws {
        let blocks = try Self.recording()
        let (head, records) = (blocks[0], blocks.dropFirst())
        for first in 0..<2 {
            let sorted = records.filter { $0.loop == first } + records.filter { $0.loop != first }
            #expect(try replay([head] + sorted).stop == nil)
        }
    }

    /// What waits for mail of a loop whose end is missing is left, and told.
    @Test func whatWaitsForEverIsTold() throws {
        let blocks = try Self.recording()
        let head = try RecordingHead(blocks[0])
        var heldBack = HeldBackBytes(loopCount: head.loopCount)
        for block in blocks.dropFirst() { try heldBack.read(block) }
        let replayer = Replayer(head, heldBack: heldBack)
        for block in blocks.dropFirst() where block.loop == 1 { try replayer.play(block) }
        #expect(replayer.waitingLoops == [1])
        for block in blocks.dropFirst() where block.loop == 0 { try replayer.play(block) }
        #expect(replayer.waitingLoops == [])
    }

    /// The recording ends where a block is not taken, and the shard goes on.
    @Test(arguments: [0, 1, 5])
    func aRecordingThatEndsLeavesTheShardAlone(_ capacity: Int) throws {
        let loops = RecordedLoops()
        loops.collector.capacity = capacity
        try Self.conversation(loops)
        let whole = RecordedLoops()
        try Self.conversation(whole)
        #expect(loops.written == whole.written)
        let outcome = try replay(loops.finish())
        #expect(outcome.stop == nil)
        #expect(loops.collector.blocks.count == capacity)
    }

    /// Counters are compared at the end of each block, and named.
    @Test func aCounterThatDiffersIsNamed() throws {
        var blocks = try Self.recording()
        // The last block of a loop ends with its counters: one change more, of the first word.
        let place = try #require(blocks.lastIndex { $0.kind == .records })
        #expect(blocks[place].payload.popLast() == 0)
        var reader = StepReader(loopCount: 2, startedAt: WallTime(milliseconds: 0))
        var decoder = RecordingDecoder(blocks[place].payload + [0])
        var last = 0
        while !decoder.isAtEnd {
            if case .counters(let changes) = try reader.next(from: &decoder) { last = changes.last?.word ?? -1 }
        }
        let metrics = ShardMetrics(channels: RecordedLoops.configuration().channels.map(\.name))
        let word = metrics.storeFailures[0]
        var encoder = RecordingEncoder(mask: nil)
        encoder.append(word - last)
        encoder.append(signed: 1)
        encoder.append(0)
        blocks[place].payload += encoder.bytes
        guard case .difference(let difference) = try replay(blocks).stop else {
            Issue.record("no difference")
            return
        }
        #expect(difference.recorded == "hydrogen_store_failures_total = 1")
        #expect(difference.replayed == "hydrogen_store_failures_total = 0")
    }
}
