import Synchronization
import Testing

@testable import HydrogenSimulation

/// The same seed gives the same bytes (rule 11). Golden traces compare them over processes and kinds of builds.
@Suite struct DeterminismTests {
    /// A hash of everything that a run tells, in order.
    private static func traceHash(seed: UInt64) -> UInt64 {
        let sum = TraceSum()
        var options = SimulationOptions()
        options.isSwarm = true
        options.trace = { sum.add($0) }
        _ = Simulation(Samples.menagerie(seed: seed), seed: seed, options: options).run()
        return sum.value
    }

    @Test(arguments: [1, 2] as [UInt64]) func theSameSeedGivesTheSameTrace(_ seed: UInt64) {
        #expect(Self.traceHash(seed: seed) == Self.traceHash(seed: seed))
    }

    @Test func anotherSeedGivesAnotherTrace() {
        #expect(Self.traceHash(seed: 1) != Self.traceHash(seed: 3))
    }
}

/// Adds lines up to one number.
private final class TraceSum: Sendable {
    private let sum = Atomic<UInt64>(14_695_981_039_346_656_037)

    var value: UInt64 { self.sum.load(ordering: .relaxed) }

    func add(_ line: String) {
        let mixed = line.utf8.reduce(self.value) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
        self.sum.store(mixed, ordering: .relaxed)
    }
}
