import Dispatch
import HydrogenProtocol
import HydrogenThreads
import HydrogenSimulation

/// Does runs, several at a time. What comes of each is independent of the others, and of how many there are.
package struct Runner: Sendable {
    /// How many runs are under way at a time.
    package let jobs: Int
    /// Told how far all runs are, in thousandths, now and then and from any thread.
    package let progress: (@Sendable (Int) -> Void)?

    package init(jobs: Int, progress: (@Sendable (Int) -> Void)? = nil) {
        self.jobs = jobs
        self.progress = progress
    }

    private struct State {
        var next = 0
        /// Simulated time of the runs under way, by their index, and of those that are done.
        var underWay: [Int: Int64] = [:]
        var done: Int64 = 0
    }

    /// Does all runs.
    ///
    /// - Parameters:
    ///   - change: What the options of each have beside those of its file.
    ///   - each: Told each outcome with the place of its run, one at a time, in no order that counts.
    package func run(
        _ runs: [Run], change: @escaping @Sendable (Run, inout SimulationOptions) -> Void = { _, _ in },
        each: @escaping @Sendable (Int, RunOutcome) -> Void
    ) {
        let total = runs.reduce(Int64(0)) { $0 + $1.length }
        let state = Guarded(State())
        let outlet = Guarded(())
        DispatchQueue.concurrentPerform(iterations: min(self.jobs, runs.count)) { _ in
            while true {
                let index = state.withLock { state in
                    defer { state.next += 1 }
                    return state.next
                }
                guard index < runs.count else { return }
                let outcome = self.run(runs[index], change) { time in
                    let reached = state.withLock { state in
                        state.underWay[index] = time.nanoseconds
                        return state.done + state.underWay.values.reduce(0, +)
                    }
                    self.progress?(Int(reached / max(total / 1_000, 1)))
                }
                state.withLock { state in
                    state.underWay[index] = nil
                    state.done += runs[index].length
                }
                outlet.withLock { _ in each(index, outcome) }
            }
        }
    }

    private func run(
        _ run: Run, _ change: (Run, inout SimulationOptions) -> Void,
        progress: @escaping @Sendable (Interval) -> Void
    ) -> RunOutcome {
        Self.timed(run) { run in
            run.result { options in
                if self.progress != nil { options.progress = progress }
                change(run, &options)
            }
        }
    }

    /// One run, with how long it took.
    package static func timed<Failure: Error>(
        _ run: Run, _ body: (Run) throws(Failure) -> SimulationResult
    ) throws(Failure) -> RunOutcome {
        let start = ContinuousClock.now
        let result = try body(run)
        return RunOutcome(run, result, wallTime: ContinuousClock.now - start)
    }
}

extension Run {
    /// How long it is at most, in simulated nanoseconds.
    fileprivate var length: Int64 {
        (self.file.scenario.duration + (self.file.scenario.liveness?.bound ?? .zero)).nanoseconds
    }
}
