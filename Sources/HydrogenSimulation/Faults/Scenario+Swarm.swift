/// What a seed of a swarm makes of a scenario.
extension Scenario {
    /// Each kind of fault is off half of the time; else it is as the scenario says, or four times as frequent, or as rare.
    /// The store is the one or the other, where the scenario leaves that to the seed.
    func drawn(by seed: UInt64) -> Scenario {
        var generator = Generator(seed: seed, stream: StreamOf.swarm)
        var scenario = self
        for kind in FaultKind.allCases {
            switch generator.below(6) {
            case 0: break
            case 1: scenario.faults[kind] = self.faults[kind] * 4
            case 2: scenario.faults[kind] = (self.faults[kind] + 3) / 4
            default: scenario.faults[kind] = 0
            }
        }
        if let share = self.durableSeedsPerMillion {
            scenario.server.configuration.delivery.isDurable = generator.happens(perMillion: share)
        }
        return scenario
    }
}
