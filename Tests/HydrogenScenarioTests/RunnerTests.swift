import HydrogenProtocol
import HydrogenScenario
import HydrogenThreads
import Testing

/// Runs on several threads come to what each comes to by itself.
@Suite struct RunnerTests {
    @Test(arguments: [1, 3]) func allRuns(_ jobs: Int) throws {
        let file = try GoldenTraceTests.run("storm").file
        let runs = (1...6).map { Run(file, seed: UInt64($0), isSwarm: true) }
        let outcomes = Guarded<[Int: UInt64]>([:])
        let greatest = Guarded(0)
        Runner(jobs: jobs) { perMille in greatest.withLock { $0 = max($0, perMille) } }.run(runs) { index, outcome in
            outcomes.withLock { $0[index] = outcome.result.stepCount }
            #expect(outcome.run.seed == runs[index].seed)
        }
        let steps = outcomes.withLock { $0 }
        #expect(steps.count == 6)
        #expect((0...1_000).contains(greatest.withLock { $0 }))
        for (index, run) in runs.enumerated() { #expect(steps[index] == run.result().stepCount) }
    }

    @Test func tally() throws {
        let file = try GoldenTraceTests.run("limits").file
        var tally = Tally(file)
        for seed in [7, 3, 5] as [UInt64] {
            let run = Run(file, seed: seed, isSwarm: false)
            tally.add(Runner.timed(run) { $0.result() })
        }
        #expect(tally.runCount == 3)
        #expect(tally.seeds == 3...7)
        #expect(tally.first?.result.seed == 3)
        #expect(tally.shown?.result.seed == 3)
        #expect(tally.simulatedNanoseconds == 60_000_000_000)
        #expect(tally.takenTransitionCount > 5)
        #expect(tally.neverTaken.count == tally.transitions.count - tally.takenTransitionCount)
        #expect(tally.limitsHit.contains { $0.name.hasPrefix("hydrogen_rate_limited_total{") && $0.count > 0 })
        #expect(tally.figures.map(\.name).count == 7)
    }

    /// What is written for one run repeats it.
    @Test func aFileOfItsOwn() throws {
        let run = Run(try GoldenTraceTests.run("storm").file, seed: 9, isSwarm: true)
        let again = try scenario(run.file.json(of: run))
        #expect(again.seeds == [9] && again.isSwarm)
        let trace = GoldenTraceTests.trace(Run(again, seed: 9, isSwarm: true))
        #expect(trace == GoldenTraceTests.trace(run))
    }
}
