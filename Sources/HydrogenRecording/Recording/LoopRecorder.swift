import HydrogenCrypto
import HydrogenProtocol
import HydrogenShard

/// Writes down what happens to one shard, in records that are gathered to blocks and handed over.
///
/// A record is begun before its call, gets the writes while the call runs and the effects when they are polled, and is
/// completed when the next one begins. Used on the loop's thread alone.
package final class LoopRecorder {
    /// Takes a block over, without waiting. False: the recording has ended, and this was not taken.
    package typealias Sink = @Sendable (consuming RecordingBlock) -> Bool

    /// What the shard must be made with.
    package let tape = AnswerTape(.recording)
    private let loop: Int
    private let sink: Sink
    private let mask: KeyMask
    /// False when the recording has ended.
    private(set) var isOn = true

    private var block: RecordingEncoder
    private var blockNumber: UInt64 = 0
    private var blockFlags: RecordingBlock.Flags = []
    private var blockBegan = Instant(nanoseconds: 0)
    /// The counters as the blocks before tell them.
    private var words: [Int64] = []

    private var now = Instant(nanoseconds: 0)
    private var wall = WallPrediction()

    /// The first byte of the record that is not complete; nil without one.
    private var openRecord: Int?
    /// What came of it so far.
    private var outcome: CallOutcome

    /// Mails that this loop has posted.
    private var postCount: UInt64 = 0
    /// By loop: the stamp of its last mail that came here.
    private var lastStamps: [UInt64] = []

    /// By slot: the end of an unfinished message that may be the beginning of a key.
    private var heldBack: [[UInt8]] = []

    /// How old a block becomes before it is handed over at the end of a pass.
    private static let maximumBlockAge = Interval.milliseconds(100)

    /// - Parameter mask: this loop's own, under the secret that all loops share.
    package init(loop: Int, mask: KeyMask, sink: @escaping Sink) {
        self.loop = loop
        self.mask = mask
        self.sink = sink
        self.block = RecordingEncoder(mask: mask)
        self.outcome = CallOutcome(mask: mask)
    }

    // MARK: Records

    func begin(_ kind: RecordKind, at moment: Moment) {
        let start = self.beginRecord(kind)
        self.block.append(signed: moment.instant.nanoseconds &- self.now.nanoseconds)
        self.now = moment.instant
        let deviation = self.wall.deviation(of: moment.instant.nanoseconds, wall: moment.wall.milliseconds)
        if deviation != 0 {
            self.block.bytes[start] |= RecordKind.hasWallTime
            self.block.append(signed: deviation)
        }
        self.block.now = moment.instant
    }

    func begin(_ kind: RecordKind, _ id: ConnectionID, at moment: Moment) {
        self.begin(kind, at: moment)
        self.block.append(id)
    }

    /// A record without a time.
    @discardableResult
    func beginRecord(_ kind: RecordKind) -> Int {
        self.completeRecord()
        let start = self.block.bytes.count
        self.openRecord = start
        self.block.append(byte: kind.rawValue)
        return start
    }

    func append(_ value: some Recordable) { self.block.append(value) }
    func append<Value: Recordable>(_ value: Value?) { self.block.append(value) }
    func append(entropy: Span<UInt8>) { self.block.append(plain: entropy) }

    /// A mail that comes from outside of the loops.
    func append(_ kind: RecordedMailKind, _ mail: Mail) {
        self.block.append(byte: kind.rawValue)
        mail.encode(to: &self.block)
    }

    /// A mail that another loop posted, by its stamp.
    func append(_ stamp: MailStamp) {
        while self.lastStamps.count <= stamp.loop { self.lastStamps.append(0) }
        self.block.append(stamp.loop)
        self.block.append(stamp.number &- self.lastStamps[stamp.loop])
        self.lastStamps[stamp.loop] = stamp.number
    }

    /// The stamp of the next mail that this loop posts.
    func nextStamp() -> MailStamp {
        self.postCount += 1
        return MailStamp(loop: self.loop, number: self.postCount)
    }

    /// The bytes of `received`. Those at the end of a piece that may be the beginning of a key wait until it is known.
    func append(_ bytes: Span<UInt8>, _ fragment: Fragment, on id: ConnectionID) {
        var flags: UInt8 = fragment.isBinary ? ReceivedFlag.isBinary : 0
        if fragment.isFirst { flags |= ReceivedFlag.isFirst }
        if fragment.isLast { flags |= ReceivedFlag.isLast }
        if fragment.isFirst, fragment.isLast {
            self.block.append(byte: flags)
            return self.block.append(bytes)
        }
        let slot = Int(id.slot)
        while self.heldBack.count <= slot { self.heldBack.append([]) }
        let before = fragment.isFirst ? [] : self.heldBack[slot]
        let text = before.isEmpty ? [UInt8](bytes) : before + [UInt8](bytes)
        var end = text.count
        if !fragment.isLast {
            end = KeyPattern.beginningAtEnd(of: text.span, from: self.mask.endOfKeys(in: text.span))
        }
        // What was held back either goes on being the beginning of a key, or is resolved as a whole.
        let resolvedCount = end >= before.count ? before.count : 0
        let heldCount = text.count - max(end, before.count)
        self.heldBack[slot] = Array(text[end...])
        if heldCount > 0 { flags |= ReceivedFlag.holdsBack }
        if resolvedCount > 0 { flags |= ReceivedFlag.resolves }
        if heldCount > 0 || resolvedCount > 0 { self.blockFlags.insert(.holdsBack) }
        self.block.append(byte: flags)
        if heldCount > 0 { self.block.append(heldCount) }
        if resolvedCount > 0 { self.block.append(resolvedCount) }
        let told = resolvedCount > 0 || before.isEmpty ? text.span.extracting(0..<end) : text.span.extracting(0..<0)
        self.block.append(told)
    }

    // MARK: Outcome

    func wrote(_ bytes: Span<UInt8>, to id: ConnectionID, _ outcome: WriteOutcome) {
        self.outcome.wrote(bytes, to: id, outcome)
    }

    func came(of effect: borrowing Effect) { self.outcome.came(of: effect) }

    func returned(_ encode: (inout RecordingEncoder) -> Void) { self.outcome.returned(encode) }

    private func completeRecord() {
        guard let start = self.openRecord else { return }
        self.openRecord = nil
        var parts = self.outcome.parts
        if self.tape.isZero {
            self.tape.take { _ in }
            self.block.bytes[start] |= RecordKind.hasZeroAnswer
        } else if !self.tape.isEmpty {
            parts |= OutcomePart.answers
        }
        guard parts != 0 else { return }
        self.block.bytes[start] |= RecordKind.hasOutcome
        self.block.append(byte: parts)
        if parts & OutcomePart.answers != 0 {
            self.tape.take { answers in
                self.block.append(answers.count)
                for index in answers.indices { self.block.append(answers[index]) }
            }
        }
        if parts & OutcomePart.effects != 0 { self.block.append(plain: self.outcome.effects.span) }
        if parts & OutcomePart.writes != 0 {
            self.block.append(self.outcome.writes.count)
            for write in self.outcome.writes { self.block.append(write) }
        }
        if self.outcome.parts != 0 { self.block.append(fixed: self.outcome.digest) }
        self.outcome.reset()
    }

    // MARK: Blocks

    /// Whether so much has been gathered that it should be handed over before the next record begins.
    var isFull: Bool { self.block.bytes.count >= RecordingFormat.blockByteCount }

    /// The same at the end of a pass, when a little is handed over too if it has waited.
    var isDueAtEndOfPass: Bool {
        self.isFull || (!self.block.bytes.isEmpty && self.now - self.blockBegan >= Self.maximumBlockAge)
    }

    /// Hands over what was gathered, with the counters as they are now.
    func endBlock(_ words: Span<Int64>) {
        guard self.isOn else { return }
        self.completeRecord()
        self.appendCounters(words)
        var payload: [UInt8] = []
        payload.reserveCapacity(RecordingFormat.blockByteCount + 1024)
        swap(&payload, &self.block.bytes)
        let block = RecordingBlock(
            .records, flags: self.blockFlags, loop: self.loop, number: self.blockNumber, payload: payload)
        self.blockNumber += 1
        self.blockFlags = []
        self.blockBegan = self.now
        if !self.sink(block) { self.end() }
    }

    /// The counters that changed since the last block, behind a byte that begins no record.
    private func appendCounters(_ words: Span<Int64>) {
        while self.words.count < words.count { self.words.append(0) }
        self.block.append(byte: CountersMark.value)
        var last = -1
        for index in words.indices where words[index] != self.words[index] {
            self.block.append(index - last)
            self.block.append(signed: words[index] &- self.words[index])
            self.words[index] = words[index]
            last = index
        }
        self.block.append(0)
    }

    /// The recording is over: from now on the shard is alone.
    func end() {
        self.isOn = false
        self.tape.stop()
        self.block.bytes = []
        self.heldBack = []
        self.words = []
    }
}

/// What stands in a block in the place of a record's first byte before the counters, which end it.
enum CountersMark {
    static let value: UInt8 = 0x1f
}
