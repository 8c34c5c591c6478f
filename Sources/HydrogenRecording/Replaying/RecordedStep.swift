import HydrogenProtocol
import HydrogenShard

/// One call of a shard, as it was recorded.
package enum RecordedInput {
    case accepted(PeerAddress)
    case requested(HandshakeRequest, ConnectionID)
    case upgraded(ConnectionID)
    case received(RecordedBytes, Fragment, ConnectionID)
    case pongReceived(ConnectionID)
    case closeReceived(UInt16?, ConnectionID)
    case framingFailed(CloseCode, ConnectionID)
    case transportEnded(ConnectionID, TransportEnd)
    case writable(ConnectionID)
    case deliver(Mail)
    /// Mail of a loop, which that loop's replay posts.
    case deliverStamped(MailStamp)
    case supply([UInt8])
    case advance
    case endTurn
    case flush
    case passed(Interval)
    case restore(RestoredState)
}

/// The bytes of one `received`.
package struct RecordedBytes {
    /// What earlier pieces of the message held back.
    package var resolved: [UInt8]
    package var told: [UInt8]
    /// How many more there were, which a later piece tells, if the message went on.
    package var heldBackCount: Int
}

/// What was recorded of what a call asked and did.
package struct RecordedOutcome {
    /// What shared state answered.
    package var answers: [UInt64] = []
    package var effects: [EffectKind] = []
    package var writes: [RecordedWrite] = []
    /// Over effects, writes and the result; nil if there was none of them.
    package var digest: UInt32?
}

extension RecordedOutcome {
    fileprivate mutating func read(from decoder: inout RecordingDecoder) throws(RecordingFault) {
        let parts = try decoder.byte()
        if parts & OutcomePart.answers != 0 {
            for _ in 0..<(try decoder.count()) { self.answers.append(try decoder.number()) }
        }
        if parts & OutcomePart.effects != 0 {
            for byte in try decoder.data() {
                guard let kind = EffectKind(rawValue: byte) else { throw .malformed("a kind of effect") }
                self.effects.append(kind)
            }
        }
        if parts & OutcomePart.writes != 0 {
            for _ in 0..<(try decoder.count()) {
                self.writes.append(try RecordedWrite(code: try decoder.number()))
            }
        }
        if parts & ~OutcomePart.answers != 0 { self.digest = try decoder.fixed() }
    }
}

package struct RecordedWrite: Equatable {
    package var byteCount: Int
    package var outcome: WriteOutcome

    init(code: UInt64) throws(RecordingFault) {
        guard let count = Int(exactly: code >> 2) else { throw .malformed("the size of a write") }
        self.byteCount = count
        self.outcome = try WriteOutcome(code: code & 3)
    }
}

/// A call and what came of it.
package struct RecordedStep {
    package var input: RecordedInput
    /// The time that the call was told, or the last before it.
    package var moment: Moment
    package var outcome: RecordedOutcome
}

/// Reads the records of one loop, block after block.
struct StepReader {
    enum Item {
        case step(RecordedStep)
        /// What the counters rose or fell by since the last block, by their places; it ends a block.
        case counters([(word: Int, change: Int64)])
    }

    private var moment: Moment
    private var wall = WallPrediction()
    /// By loop: the stamp of its last mail.
    private var lastStamps: [UInt64]

    init(loopCount: Int, startedAt: WallTime) {
        self.moment = Moment(instant: Instant(nanoseconds: 0), wall: startedAt)
        self.lastStamps = Array(repeating: 0, count: loopCount)
    }

    mutating func next(from decoder: inout RecordingDecoder) throws(RecordingFault) -> Item {
        let first = try decoder.byte()
        if first == CountersMark.value { return .counters(try Self.counters(from: &decoder)) }
        guard let kind = RecordKind(rawValue: first & RecordKind.mask) else {
            throw .malformed("a record of an unknown kind")
        }
        if kind.hasMoment { try self.readMoment(hasWallTime: first & RecordKind.hasWallTime != 0, from: &decoder) }
        decoder.now = self.moment.instant
        let input = try self.input(kind, from: &decoder)
        var outcome = RecordedOutcome()
        if first & RecordKind.hasZeroAnswer != 0 { outcome.answers = [0] }
        if first & RecordKind.hasOutcome != 0 { try outcome.read(from: &decoder) }
        return .step(RecordedStep(input: input, moment: self.moment, outcome: outcome))
    }

    private mutating func readMoment(hasWallTime: Bool, from decoder: inout RecordingDecoder) throws(RecordingFault) {
        self.moment.instant.nanoseconds &+= try decoder.signed()
        let deviation = hasWallTime ? try decoder.signed() : 0
        self.moment.wall.milliseconds = self.wall.wall(at: self.moment.instant.nanoseconds, deviation: deviation)
    }

    private mutating func input(
        _ kind: RecordKind, from decoder: inout RecordingDecoder
    ) throws(RecordingFault) -> RecordedInput {
        switch kind {
        case .accepted:
            return .accepted(try decoder.value())
        case .requested:
            let id = try decoder.value(ConnectionID.self)
            return .requested(try decoder.value(), id)
        case .upgraded:
            return .upgraded(try decoder.value())
        case .received:
            return try Self.received(from: &decoder)
        case .pongReceived:
            return .pongReceived(try decoder.value())
        case .closeReceived:
            let id = try decoder.value(ConnectionID.self)
            return .closeReceived(try decoder.optional(), id)
        case .framingFailed:
            let id = try decoder.value(ConnectionID.self)
            return .framingFailed(try decoder.value(), id)
        case .transportEnded:
            return .transportEnded(try decoder.value(), try decoder.value())
        case .writable:
            return .writable(try decoder.value())
        case .deliver:
            guard let kind = RecordedMailKind(rawValue: try decoder.byte()) else { throw .malformed("a kind of mail") }
            return .deliver(try Mail(kind, from: &decoder))
        case .deliverStamped:
            return .deliverStamped(try self.stamp(from: &decoder))
        case .supply:
            return .supply(try decoder.data())
        case .advance:
            return .advance
        case .endTurn:
            return .endTurn
        case .flush:
            return .flush
        case .passed:
            return .passed(try decoder.value())
        case .restore:
            return .restore(try decoder.value())
        }
    }

    private mutating func stamp(from decoder: inout RecordingDecoder) throws(RecordingFault) -> MailStamp {
        let loop = try decoder.integer(Int.self)
        guard loop < self.lastStamps.count else { throw .malformed("a loop that is not there") }
        self.lastStamps[loop] &+= try decoder.number()
        return MailStamp(loop: loop, number: self.lastStamps[loop])
    }

    private static func received(from decoder: inout RecordingDecoder) throws(RecordingFault) -> RecordedInput {
        let id = try decoder.value(ConnectionID.self)
        let flags = try decoder.byte()
        let fragment = Fragment(
            isBinary: flags & ReceivedFlag.isBinary != 0, isFirst: flags & ReceivedFlag.isFirst != 0,
            isLast: flags & ReceivedFlag.isLast != 0)
        let heldBackCount = flags & ReceivedFlag.holdsBack != 0 ? try decoder.integer(UInt16.self) : 0
        let resolvedCount = flags & ReceivedFlag.resolves != 0 ? try decoder.integer(Int.self) : 0
        let bytes = try decoder.data()
        guard resolvedCount <= bytes.count else { throw .malformed("bytes that were held back") }
        let recorded = RecordedBytes(
            resolved: Array(bytes[..<resolvedCount]), told: Array(bytes[resolvedCount...]),
            heldBackCount: Int(heldBackCount))
        return .received(recorded, fragment, id)
    }

    private static func counters(
        from decoder: inout RecordingDecoder
    ) throws(RecordingFault) -> [(word: Int, change: Int64)] {
        var changes: [(word: Int, change: Int64)] = []
        var word = -1
        while true {
            let distance = try decoder.integer(UInt32.self)
            if distance == 0 { return changes }
            word += Int(distance)
            changes.append((word, try decoder.signed()))
        }
    }
}
