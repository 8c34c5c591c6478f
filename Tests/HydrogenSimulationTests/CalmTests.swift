import HydrogenProtocol
import Testing

@testable import HydrogenSimulation

/// Whole runs in which nothing goes wrong.
@Suite struct CalmTests {
    @Test func everyCommandIsAnswered() {
        let result = Simulation(Samples.calm(), seed: 1).run()
        #expect(result.violation == nil, "\(String(describing: result.violation))")
        // Each of ten clients sends one each ten seconds of 120, from its arrival within the first ten on.
        #expect(result.responseLatency.count >= 110 && result.responseLatency.count <= 120)
        #expect(result.closeCodes.map(\.code) == [1000] && result.closeCodes.map(\.count) == [10])
        #expect(result.acceptedCount == 10)
    }

    @Test func anotherSeedIsAnotherRun() {
        let results = [1, 2].map { Simulation(Samples.calm(), seed: $0).run() }
        #expect(results[0].stepCount != results[1].stepCount)
        #expect(results.allSatisfy { $0.violation == nil })
    }
}
