import HydrogenMetrics
import HydrogenProtocol
import HydrogenShard

/// One shard that does again what was recorded of it.
final class ReplayedLoop {
    private let index: LoopIndex
    private var shard: Shard
    private let tape = AnswerTape(.replaying)
    private let metrics: ShardMetrics
    private let heldBack: HeldBackBytes
    private var heldBackNumber = 0
    private var reader: StepReader
    private let office: PostOffice
    private var postCount: UInt64 = 0
    private var outcome = CallOutcome(mask: nil)
    /// The counters as they were recorded.
    private var words: [Int64]
    private(set) var stepCount = 0
    private(set) var now: Moment

    /// Blocks that were not begun, and the rest of the one that was.
    private var blocks: [(block: RecordingBlock, position: Int)] = []
    private var decoder = RecordingDecoder([])
    /// Where the block in hand stands in the file.
    private var position = 0
    /// A step that waits for mail of another loop.
    private var waiting: RecordedStep?

    init(
        _ index: LoopIndex, _ head: RecordingHead, metrics: ShardMetrics, ledger: SharedLedger, places: MailPlaces,
        office: PostOffice, heldBack: HeldBackBytes, keepsMachineSteps: Bool
    ) {
        self.index = index
        self.metrics = metrics
        self.office = office
        self.heldBack = heldBack
        self.reader = StepReader(loopCount: head.loopCount, startedAt: head.startedAt)
        self.now = Moment(instant: Instant(nanoseconds: 0), wall: head.startedAt)
        self.words = Array(repeating: 0, count: metrics.table.wordCount)
        self.shard = Shard(
            configuration: head.configuration, policy: head.policy, keys: head.keys, loop: index, ledger: ledger,
            places: places, metrics: metrics, snapshots: SnapshotCell(metrics.table), tape: self.tape)
        if keepsMachineSteps { self.shard.keepSteps() }
    }

    /// Whether it waits for mail that another loop has not posted.
    var isWaiting: Bool { self.waiting != nil }

    /// Takes a block to do again.
    func add(_ block: RecordingBlock, at position: Int) { self.blocks.append((block, position)) }

    /// Does again what it has, until there is nothing left or it has to wait.
    /// - Returns: whether there was anything that it could do.
    func advance(_ observe: (ReplayedStep) -> Void) throws(ReplayStop) -> Bool {
        let before = self.stepCount
        while let item = try self.next() {
            switch item {
            case .step(let recorded):
                guard let mail = try self.mail(recorded) else { break }
                self.stepCount += 1
                self.now = recorded.moment
                let step = try self.play(recorded, mail)
                observe(step)
                if let difference = self.difference(in: step) { throw .difference(difference) }
                continue
            case .counters(let changes):
                try self.compareCounters(changes)
                continue
            }
            break
        }
        return self.stepCount > before
    }

    /// The step that waited, or what the blocks have next; nil at their end.
    private func next() throws(ReplayStop) -> StepReader.Item? {
        if let waiting = self.waiting.take() { return .step(waiting) }
        while self.decoder.isAtEnd {
            guard !self.blocks.isEmpty else { return nil }
            let (block, position) = self.blocks.removeFirst()
            self.decoder = RecordingDecoder(block.payload)
            self.position = position
        }
        do { return try self.reader.next(from: &self.decoder) } catch { throw .fault(error) }
    }

    private enum Delivery {
        case none
        case mail(Mail)
    }

    /// The mail that a step delivers; nil if it is not there yet, and the step waits.
    private func mail(_ recorded: RecordedStep) throws(ReplayStop) -> Delivery? {
        switch recorded.input {
        case .deliver(let mail):
            return .mail(mail)
        case .deliverStamped(let stamp):
            switch self.office.take(stamp, by: self.index) {
            case .mail(let mail): return .mail(mail)
            case .never: throw .fault(.malformed("mail that its loop does not post"))
            case .notYet:
                self.waiting = recorded
                return nil
            }
        default:
            return Delivery.none
        }
    }

    private func play(_ recorded: RecordedStep, _ delivery: Delivery) throws(ReplayStop) -> ReplayedStep {
        var step = ReplayedStep(loop: self.index, number: self.stepCount, recorded: recorded)
        self.outcome.reset()
        self.tape.give(recorded.outcome.answers)
        let now = recorded.moment
        switch recorded.input {
        case .accepted(let peer):
            let id = self.shard.accepted(peer, at: now)
            self.outcome.returned { $0.append(id) }
            step.result = .admission(id)
        case .requested(let request, let id):
            let decision = self.shard.requested(request, on: id, at: now)
            self.outcome.returned { decision.encode(to: &$0) }
            step.result = .decision(decision)
        case .upgraded(let id):
            self.shard.upgraded(id, at: now)
        case .received(let recordedBytes, let fragment, let id):
            let bytes = try self.bytes(recordedBytes)
            self.shard.received(bytes.span, fragment, on: id, at: now)
        case .pongReceived(let id):
            self.shard.pongReceived(on: id, at: now)
        case .closeReceived(let code, let id):
            self.shard.closeReceived(code, on: id, at: now)
        case .framingFailed(let code, let id):
            self.shard.framingFailed(code, on: id, at: now)
        case .transportEnded(let id, let reason):
            self.shard.transportEnded(id, reason, at: now)
        case .writable(let id):
            self.write(recorded.outcome.writes, &step) { shard, write in
                shard.writable(id, at: now) { write(id, $0) }
            }
        case .deliver, .deliverStamped:
            if case .mail(let mail) = delivery { self.shard.deliver(mail, at: now) }
        case .supply(let entropy):
            self.shard.supply(entropy: entropy.span)
        case .advance:
            self.shard.advance(to: now)
        case .endTurn:
            self.write(recorded.outcome.writes, &step) { $0.endTurn(at: now, write: $1) }
        case .flush:
            self.write(recorded.outcome.writes, &step) { $0.flush(at: now, write: $1) }
        case .passed(let duration):
            self.shard.passed(in: duration)
        case .restore(let state):
            self.shard.restore(state, at: now)
        }
        while let effect = self.shard.nextEffect() {
            self.outcome.came(of: effect)
            step.effects.append(effect)
            guard case .post(let mail, let loop) = effect else { continue }
            self.postCount += 1
            self.office.post(mail, MailStamp(loop: self.index, number: self.postCount), to: loop)
        }
        self.shard.takeSteps(into: &step.machineSteps)
        return step
    }

    /// Makes a call that writes: the transport takes what it took then.
    private func write(
        _ recorded: [RecordedWrite], _ step: inout ReplayedStep,
        _ call: (inout Shard, (ConnectionID, Span<UInt8>) -> WriteOutcome) -> Void
    ) {
        var writes: [ReplayedWrite] = []
        call(&self.shard) { id, bytes in
            let outcome = writes.count < recorded.count ? recorded[writes.count].outcome : .failed
            writes.append(ReplayedWrite(id: id, bytes: [UInt8](bytes), outcome: outcome))
            return outcome
        }
        for write in writes { self.outcome.wrote(write.bytes.span, to: write.id, write.outcome) }
        step.writes = writes
    }

    private func bytes(_ recorded: RecordedBytes) throws(ReplayStop) -> [UInt8] {
        guard recorded.heldBackCount > 0 else { return recorded.told }
        defer { self.heldBackNumber += 1 }
        guard let piece = self.heldBack.piece(self.heldBackNumber, loop: self.index) else {
            throw .fault(.malformed("bytes that were held back"))
        }
        return recorded.told + piece
    }

    private func difference(in step: ReplayedStep) -> ReplayDifference? {
        let recorded = step.recorded.outcome
        let isSame =
            self.outcome.effects == recorded.effects.map(\.rawValue)
            && self.outcome.writes == recorded.writes.map { UInt64($0.byteCount) << 2 | $0.outcome.code }
            && (self.outcome.parts == 0 ? nil : self.outcome.digest) == recorded.digest
            && self.tape.missingCount == 0 && self.tape.leftCount == 0
        if isSame { return nil }
        return ReplayDifference(
            loop: self.index, step: step.number, moment: step.recorded.moment, position: self.position,
            input: step.recorded.input.text, recorded: recorded.text,
            replayed: step.outcomeText + self.tape.differenceText)
    }

    /// The counters at the end of a block, against those that were recorded.
    private func compareCounters(_ changes: [(word: Int, change: Int64)]) throws(ReplayStop) {
        for (word, change) in changes {
            guard word < self.words.count else { throw .fault(.malformed("a counter")) }
            self.words[word] &+= change
        }
        let words = self.words
        var wrong: (word: Int, value: Int64)?
        self.shard.withCounters { replayed in
            for word in words.indices where wrong == nil && replayed[word] != words[word] {
                wrong = (word, replayed[word])
            }
        }
        guard let wrong else { return }
        let name = self.metrics.table.name(ofWord: wrong.word)
        throw .difference(
            ReplayDifference(
                loop: self.index, step: self.stepCount, moment: self.now, position: self.position,
                input: "the counters after this step", recorded: "\(name) = \(words[wrong.word])",
                replayed: "\(name) = \(wrong.value)"))
    }
}

/// What ends a replay before the end of the recording.
package enum ReplayStop: Error, Sendable {
    case difference(ReplayDifference)
    case fault(RecordingFault)
}

extension AnswerTape {
    /// How the questions to shared state differ from those that were recorded; empty if they do not.
    fileprivate var differenceText: String {
        if self.missingCount > 0 { return "; it asked shared state for more than was recorded" }
        if self.leftCount > 0 { return "; it asked shared state for less than was recorded" }
        return ""
    }
}
