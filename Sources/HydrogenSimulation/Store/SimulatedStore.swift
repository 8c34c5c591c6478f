import HydrogenProtocol
import HydrogenShard

/// The durable store of the simulated server: what is kept, and what is on its way there. It outlives the server.
///
/// It does what `DurableStore` does with its thread: while one group of batches is being committed, the next one
/// gathers. What becomes of a group is decided by the very `StoreKeeper` of production.
struct SimulatedStore {
    /// What is wrong with the device.
    enum Trouble {
        /// Nothing can be written.
        case broken
        /// It is full: only what removes gets through.
        case full
    }

    /// In the place of a file of SQLite.
    struct Engine: StoreEngine {
        var content: DurableContent
        /// nil while nothing is wrong.
        var trouble: Trouble?

        var fault: String { self.trouble.map { "\($0)" } ?? "" }

        mutating func commit(_ batches: [StoreBatch]) -> Bool {
            switch self.trouble {
            case .broken: return false
            case .full where !batches.allSatisfy(\.onlyRemoves): return false
            case .full, nil:
                self.content.commit(batches)
                return true
            }
        }

        mutating func probe() -> Bool { self.trouble == nil }
    }

    /// An answer on its way to a loop.
    typealias Answer = (loop: LoopIndex, answer: StoreAnswer)

    private var keeper: StoreKeeper<Engine>
    /// Handed in, and not begun.
    private var waiting: [StoreBatch] = []
    /// What is being committed.
    private var underWay: [StoreBatch] = []
    private var beganAt = Instant(nanoseconds: 0)
    /// How many commits there were.
    private(set) var commitCount: UInt32 = 0
    private var cleanedAt = WallTime(milliseconds: 0)
    /// When the device works again.
    private var troubleEndsAt = Instant(nanoseconds: 0)
    /// Draws how long commits take, and what a crash leaves of one.
    var generator: Generator

    private static let timeBetweenCleanings: Int64 = 30_000

    init(_ configuration: ShardConfiguration, seed: UInt64) {
        self.keeper = StoreKeeper(
            Engine(
                content: DurableContent(
                    maxRetained: configuration.maxRetained, maxPublishKeys: configuration.maxPublishKeys)))
        self.generator = Generator(seed: seed, stream: StreamOf.store)
    }

    var content: DurableContent { self.keeper.engine.content }
    var isFailing: Bool { self.keeper.isFailing }
    var isCommitting: Bool { !self.underWay.isEmpty }
    var hasWork: Bool { !self.waiting.isEmpty || self.isCommitting }

    mutating func enqueue(_ batch: StoreBatch) { self.waiting.append(batch) }

    /// Something goes wrong with the device until then.
    mutating func fail(_ trouble: Trouble, until end: Instant) {
        self.keeper.withEngine { $0.trouble = trouble }
        self.troubleEndsAt = end
    }

    /// Nothing is wrong with the device any more.
    mutating func heal() { self.keeper.withEngine { $0.trouble = nil } }

    private mutating func healIfOver(at now: Instant) {
        if self.keeper.engine.trouble != nil, self.troubleEndsAt <= now { self.heal() }
    }

    /// Takes everything that has gathered.
    mutating func begin(at now: Instant) {
        self.healIfOver(at: now)
        self.commitCount &+= 1
        self.beganAt = now
        swap(&self.underWay, &self.waiting)
    }

    /// The commit is over.
    mutating func finish(at now: Moment) -> [Answer] {
        let batches = self.underWay
        self.underWay = []
        return self.commit(batches, at: now)
    }

    private mutating func commit(_ batches: [StoreBatch], at now: Moment) -> [Answer] {
        if now.wall.milliseconds - self.cleanedAt.milliseconds >= Self.timeBetweenCleanings {
            self.keeper.withEngine { $0.content.keepHouse(at: now.wall) }
            self.cleanedAt = now.wall
        }
        var answers: [Answer] = []
        var looks = 0
        let began = self.beganAt
        self.keeper.store(
            batches,
            clock: {
                looks += 1
                return looks == 1 ? began : now.instant
            }, answer: { answers.append(($0, $1)) }, healthChanged: { _ in })
        return answers
    }

    /// Nothing was handed in for a while: a store that fails is tried.
    mutating func pause(at now: Instant) {
        self.healIfOver(at: now)
        self.keeper.probe { _ in }
    }

    /// The process is killed. What was being committed is there whole or not at all: a group that the store tried
    /// together, or else each of its batches up to one.
    mutating func crash(at now: Moment) {
        let count = self.isFailing ? self.generator.below(self.underWay.count + 1) : self.underWay.count * self.generator.below(2)
        _ = self.commit(Array(self.underWay.prefix(count)), at: now)
        self.forgetWork()
    }

    /// The process ends in order: everything that was handed in is committed first.
    mutating func stop(at now: Moment) {
        _ = self.finish(at: now)
        self.begin(at: now.instant)
        _ = self.finish(at: now)
        self.forgetWork()
    }

    private mutating func forgetWork() {
        self.waiting = []
        self.underWay = []
        // A new process tries as if nothing had happened.
        self.keeper = StoreKeeper(self.keeper.engine)
    }
}
