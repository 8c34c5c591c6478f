import Synchronization

/// What the threads of a run tell each other, and whoever shows their progress.
package final class RunBoard: Sendable {
    /// One thread's line.
    private final class Line: Sendable {
        let open = Atomic<Int>(0)
        let work = Atomic<Int>(0)
        /// Events that all of this thread's subscribers have.
        let completedEvents = Atomic<Int>(0)
    }

    private let lines: [Line]
    private let connectionCount: Int
    private let end: BenchPlan.End
    private let warmUpNanoseconds: Int64
    private let waitsForConnections: Bool
    /// 0 while it is not known.
    private let measureStart = Atomic<Int64>(0)
    private let isStopped = Atomic<Bool>(false)
    private let areConnectionsOpen = Atomic<Bool>(false)
    private let outcomes = Mutex<[EngineOutcome]>([])
    /// When each of the last events was published, by its number.
    private let publishTimes = InlineArray<1024, Atomic<Int64>> { _ in Atomic(0) }

    /// Events that may be under way at a time.
    package static let maxEventsUnderWay = 1024

    init(_ plan: BenchPlan, connectionCount: Int, threadCount: Int) {
        self.lines = (0..<threadCount).map { _ in Line() }
        self.connectionCount = connectionCount
        self.end = plan.end
        self.warmUpNanoseconds = Int64(plan.warmUp * 1e9)
        self.waitsForConnections = plan.mode != .churn
    }

    var threadCount: Int { self.lines.count }

    /// Connections that are open, over all threads.
    package var openCount: Int { self.lines.reduce(0) { $0 + $1.open.load(ordering: .relaxed) } }

    /// Units of work since the measuring began, over all threads.
    package var workCount: Int { self.lines.reduce(0) { $0 + $1.work.load(ordering: .relaxed) } }

    /// Whether all connections were open at a time.
    var areAllOpen: Bool { self.areConnectionsOpen.load(ordering: .relaxed) }

    /// When the measuring begins, or began.
    var measuresFrom: Int64? {
        let start = self.measureStart.load(ordering: .relaxed)
        return start == 0 ? nil : start
    }

    /// Whether the run is over: its time or its work is done, or a thread has failed.
    var isOver: Bool { self.isStopped.load(ordering: .relaxed) }

    func stop() { self.isStopped.store(true, ordering: .relaxed) }

    /// How far a thread is.
    func tell(thread: Int, open: Int, work: Int, at now: Int64) {
        self.lines[thread].open.store(open, ordering: .relaxed)
        self.lines[thread].work.store(work, ordering: .relaxed)
        if let start = self.measuresFrom {
            guard start <= now else { return }
            switch self.end {
            case .after(let seconds): if Double(now - start) >= seconds * 1e9 { self.stop() }
            case .messages(let count): if self.workCount >= count { self.stop() }
            }
        } else if !self.waitsForConnections || self.openCount == self.connectionCount {
            self.areConnectionsOpen.store(true, ordering: .relaxed)
            self.measureStart.store(now + self.warmUpNanoseconds, ordering: .relaxed)
        }
    }

    // Of `fanout`.

    func setPublished(_ event: Int, at time: Int64) {
        self.publishTimes[event % Self.maxEventsUnderWay].store(time, ordering: .relaxed)
    }

    func published(_ event: Int) -> Int64 {
        self.publishTimes[event % Self.maxEventsUnderWay].load(ordering: .relaxed)
    }

    func setCompleted(_ count: Int, thread: Int) {
        self.lines[thread].completedEvents.store(count, ordering: .relaxed)
    }

    /// Events that every subscriber has.
    var completedEventCount: Int { self.lines.map { $0.completedEvents.load(ordering: .relaxed) }.min() ?? 0 }

    // The end.

    func finish(_ outcome: EngineOutcome) {
        self.outcomes.withLock { $0.append(outcome) }
        if outcome.failure != nil { self.stop() }
    }

    /// What the threads came to, once all have ended.
    var allOutcomes: [EngineOutcome]? {
        self.outcomes.withLock { $0.count == self.lines.count ? $0 : nil }
    }
}

/// What one thread came to.
struct EngineOutcome: Sendable {
    var measurement: Measurement
    var failure: BenchError?
}
