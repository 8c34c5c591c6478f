#if HYDROGEN_ZOO
    import HydrogenProtocol
    import Testing

    @testable import HydrogenSimulation

    /// Known bugs are let loose, one by one: the swarm must find each within a few seeds. Debug builds alone have them.
    @Suite struct ZooTests {
        /// Within so many seeds of its world each bug is found.
        private static let seedCount: UInt64 = 12
        /// Where a bug shows itself.
        enum Habitat: CaseIterable {
            case menagerie, entrance, vault
        }

        @Test(arguments: Habitat.allCases) func withoutABugNothingIsFound(_ habitat: Habitat) {
            for seed in 1...Self.seedCount {
                let result = Self.run(habitat, seed)
                #expect(result.violation == nil, "seed \(seed): \(String(describing: result.violation))")
            }
        }

        @Test(arguments: KnownBug.allCases) func theBugIsFound(_ bug: KnownBug) {
            let violation = KnownBug.letLoose(bug) { () -> (seed: UInt64, Violation)? in
                for seed in 1...Self.seedCount {
                    if let violation = Self.run(Self.habitat(of: bug), seed).violation { return (seed, violation) }
                }
                return nil
            }
            #expect(violation != nil, "\(bug) was not found by \(Self.seedCount) seeds")
        }

        private static func habitat(of bug: KnownBug) -> Habitat {
            switch bug {
            case .replayForgotten, .signatureNotCompared, .ticketUsedAgain, .ticketNeverEnds: .entrance
            case .answeredBeforeCommit, .restoreForgetsAcks, .restoreForgetsKeys, .restoreForgetsGaps,
                .refusedOffsetForgotten:
                .vault
            default: .menagerie
            }
        }

        private static func run(_ habitat: Habitat, _ seed: UInt64) -> SimulationResult {
            var options = SimulationOptions()
            options.isSwarm = true
            let scenario =
                switch habitat {
                case .menagerie: Samples.menagerie(seed: seed)
                case .entrance: Samples.entrance()
                case .vault: Samples.vault()
                }
            return Simulation(scenario, seed: seed, options: options).run()
        }
    }
#endif
