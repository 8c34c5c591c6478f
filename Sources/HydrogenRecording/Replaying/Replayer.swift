import HydrogenProtocol
import HydrogenShard

/// Does again what a recording holds, with the same core, and compares everything that comes of it.
package final class Replayer {
    private let head: RecordingHead
    private let loops: [ReplayedLoop]
    /// The number of the next block of each loop.
    private var blockNumbers: [UInt64]
    /// Rules of our own that were broken while it was recorded; the replay broke them too.
    package private(set) var brokenRules: [String] = []
    /// Why the recording ended; nil until a block says so.
    package private(set) var end: RecordingEnd?

    /// - Parameters:
    ///   - heldBack: what the whole recording tells of bytes that were held back.
    ///   - keepsMachineSteps: whether the steps that are observed tell what the machines of connections did.
    package init(_ head: RecordingHead, heldBack: HeldBackBytes, keepsMachineSteps: Bool = false) {
        self.head = head
        let metrics = ShardMetrics(channels: head.configuration.channels.map(\.name))
        // Both are asked nothing: their answers are in the recording.
        let ledger = SharedLedger()
        let places = MailPlaces(loopCount: head.loopCount, eventCount: 0, answerCount: 0, controlCount: 0)
        let office = PostOffice(loopCount: head.loopCount)
        self.loops = (0..<head.loopCount).map {
            ReplayedLoop(
                $0, head, metrics: metrics, ledger: ledger, places: places, office: office, heldBack: heldBack,
                keepsMachineSteps: keepsMachineSteps)
        }
        self.blockNumbers = Array(repeating: 0, count: head.loopCount)
    }

    /// Steps done so far, over all loops.
    package var stepCount: Int { self.loops.reduce(0) { $0 + $1.stepCount } }

    /// The time that a loop has come to; nil for one of which nothing was recorded.
    package func moment(ofLoop loop: Int) -> Moment? { self.loops[loop].stepCount == 0 ? nil : self.loops[loop].now }

    /// Loops whose rest cannot be done again: it waits for mail of another loop, of which less was recorded.
    package var waitingLoops: [LoopIndex] { self.loops.indices.filter { self.loops[$0].isWaiting } }

    /// Does again the steps of the next block of the file, and those of earlier blocks that waited for it.
    ///
    /// - Parameters:
    ///   - position: where the block begins in the file.
    ///   - observe: told each step, also the one that differs.
    package func play(
        _ block: RecordingBlock, at position: Int = 0, _ observe: (ReplayedStep) -> Void = { _ in }
    ) throws(ReplayStop) {
        switch block.kind {
        case .head:
            throw .fault(.malformed("a second head"))
        case .end:
            guard let code = block.payload.first, let end = RecordingEnd(rawValue: code) else {
                throw .fault(.malformed("its end"))
            }
            self.end = end
        case .records:
            guard block.loop < self.loops.count else { throw .fault(.malformed("a loop that is not there")) }
            guard block.number == self.blockNumbers[block.loop] else { throw .fault(.gap(loop: block.loop)) }
            self.blockNumbers[block.loop] += 1
            self.loops[block.loop].add(block, at: position)
            try self.advance(observe)
        }
    }

    /// Lets every loop do what it can, until all are done or wait for each other.
    private func advance(_ observe: (ReplayedStep) -> Void) throws(ReplayStop) {
        var isMoving = true
        while isMoving {
            isMoving = false
            for loop in self.loops {
                let hasMoved = try loop.advance { step in
                    self.keepBrokenRules(of: step)
                    observe(step)
                }
                isMoving = isMoving || hasMoved
            }
        }
    }

    private func keepBrokenRules(of step: ReplayedStep) {
        for effect in step.effects {
            guard case .log(.programmingError(let id, let text)) = effect else { continue }
            self.brokenRules.append("loop \(step.loop), step \(step.number), connection \(id.text): \(text)")
        }
    }
}
