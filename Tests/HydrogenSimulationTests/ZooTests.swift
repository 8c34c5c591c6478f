#if HYDROGEN_ZOO
    import HydrogenProtocol
    import Testing

    @testable import HydrogenSimulation

    /// Known bugs are let loose, one by one: the swarm must find each within a few seeds. Debug builds alone have them.
    @Suite struct ZooTests {
        /// Within so many seeds of the menagerie each bug is found.
        private static let seedCount: UInt64 = 12

        @Test func withoutABugNothingIsFound() {
            for seed in 1...Self.seedCount {
                let result = Self.run(seed)
                #expect(result.violation == nil, "seed \(seed): \(String(describing: result.violation))")
            }
        }

        @Test(arguments: KnownBug.allCases) func theBugIsFound(_ bug: KnownBug) {
            let violation = KnownBug.letLoose(bug) { () -> (seed: UInt64, Violation)? in
                for seed in 1...Self.seedCount {
                    if let violation = Self.run(seed).violation { return (seed, violation) }
                }
                return nil
            }
            #expect(violation != nil, "\(bug) was not found by \(Self.seedCount) seeds")
        }

        private static func run(_ seed: UInt64) -> SimulationResult {
            var options = SimulationOptions()
            options.isSwarm = true
            return Simulation(Samples.menagerie(seed: seed), seed: seed, options: options).run()
        }
    }
#endif
