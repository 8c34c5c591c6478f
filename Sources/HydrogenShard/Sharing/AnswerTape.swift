import HydrogenProtocol

/// The answers that one shard got from state which other threads change too. They are inputs of the shard, as time and
/// bytes are: a recording keeps them, and a replay gives them again in the same order.
///
/// A shard reaches shared state only through a view (`LedgerView`, `PlacesView`), and a view passes each answer over
/// the tape, if there is one. Used on the loop's thread alone.
package final class AnswerTape {
    package enum Mode { case recording, replaying }

    private var mode: Mode?
    /// Recording: what was answered since the last `take`. Replaying: what `give` brought.
    private var answers: [UInt64] = []
    private var next = 0
    /// Answers that a replay was asked for and that the recording does not have: the shard went another way.
    package private(set) var missingCount = 0

    package init(_ mode: Mode) { self.mode = mode }

    /// From now on answers are only passed on.
    package func stop() {
        self.mode = nil
        self.answers = []
    }

    /// Recording: whether there is something to take.
    package var isEmpty: Bool { self.answers.isEmpty }

    /// Recording: whether there is one answer to take, and it is 0.
    package var isZero: Bool { self.answers.count == 1 && self.answers[0] == 0 }

    /// Recording: hands over what was answered since the last time.
    package func take(_ body: (Span<UInt64>) -> Void) {
        body(self.answers.span)
        self.answers.removeAll(keepingCapacity: true)
    }

    /// Replaying: the answers of the next call.
    package func give(_ answers: [UInt64]) {
        self.answers = answers
        self.next = 0
    }

    /// Replaying: how many answers of the last call nobody asked for.
    package var leftCount: Int { self.answers.count - self.next }

    /// The answer to a question: that of the shared state, or of the recording.
    func answer<Answer: TapedAnswer>(_ ask: () -> Answer) -> Answer {
        switch self.mode {
        case nil:
            return ask()
        case .recording:
            let answer = ask()
            self.answers.append(answer.word)
            return answer
        case .replaying:
            guard self.next < self.answers.count else {
                self.missingCount += 1
                return Answer(word: 0)
            }
            defer { self.next += 1 }
            return Answer(word: self.answers[self.next])
        }
    }

    /// Something that the shared state is told and does not answer: not in a replay, which has none.
    func tell(_ tell: () -> Void) {
        if self.mode == .replaying { return }
        tell()
    }
}

/// No tape, as in most servers: the shared state answers.
extension AnswerTape? {
    @inline(__always)
    func answer<Answer: TapedAnswer>(_ ask: () -> Answer) -> Answer {
        guard let tape = self else { return ask() }
        return tape.answer(ask)
    }

    @inline(__always)
    func tell(_ tell: () -> Void) {
        guard let tape = self else { return tell() }
        tape.tell(tell)
    }
}

/// What can be answered: one word.
protocol TapedAnswer {
    init(word: UInt64)
    var word: UInt64 { get }
}

extension Bool: TapedAnswer {
    init(word: UInt64) { self = word != 0 }
    var word: UInt64 { self ? 1 : 0 }
}

extension Int: TapedAnswer {
    init(word: UInt64) { self.init(truncatingIfNeeded: word) }
    var word: UInt64 { UInt64(bitPattern: Int64(self)) }
}

extension UInt64: TapedAnswer {
    init(word: UInt64) { self = word }
    var word: UInt64 { self }
}

/// A time, or none: 0 for none, else one more than its nanoseconds, which are never negative.
extension Optional: TapedAnswer where Wrapped: TapedTime {
    init(word: UInt64) { self = word == 0 ? nil : Wrapped(nanoseconds: Int64(bitPattern: word &- 1)) }
    var word: UInt64 { self.map { UInt64(bitPattern: $0.nanoseconds) &+ 1 } ?? 0 }
}

protocol TapedTime {
    init(nanoseconds: Int64)
    var nanoseconds: Int64 { get }
}

extension Instant: TapedTime {}
extension Interval: TapedTime {}
