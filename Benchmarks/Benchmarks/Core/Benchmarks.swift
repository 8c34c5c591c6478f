import Benchmark
import CoreScenarios

/// Every scenario by the tool's own metrics, and allocations by a counter of ours (the tool's read 0 on this system).
let benchmarks: @Sendable () -> Void = {
    let allocations = BenchmarkMetric.custom("Allocations of 1,000 rounds")
    for scenario in Scenario.all {
        Benchmark(
            scenario.name,
            configuration: .init(
                metrics: [.instructions, .cpuUser, .throughput, allocations], warmupIterations: 1,
                scalingFactor: .kilo, maxDuration: .seconds(2), maxIterations: 200)
        ) { benchmark in
            scenario.run(benchmark.scaledIterations.count)
            benchmark.stopMeasurement()
            benchmark.measurement(allocations, Int(scenario.allocationCount(rounds: 1_000)))
        }
    }
}
