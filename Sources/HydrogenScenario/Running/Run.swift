import HydrogenProtocol
import HydrogenSimulation

/// One run: a scenario with a seed.
package struct Run: Sendable {
    package let file: ScenarioFile
    package let seed: UInt64
    /// Whether the seed switches a random part of the faults off.
    package let isSwarm: Bool

    package init(_ file: ScenarioFile, seed: UInt64, isSwarm: Bool) {
        self.file = file
        self.seed = seed
        self.isSwarm = isSwarm
    }

    /// Runs it.
    ///
    /// - Parameter change: What this run's options have beside those of the file.
    package func result(_ change: (inout SimulationOptions) -> Void = { _ in }) -> SimulationResult {
        var options = SimulationOptions()
        options.isSwarm = self.isSwarm
        options.mask = self.file.mask
        change(&options)
        return Simulation(self.file.scenario, seed: self.seed, options: options).run()
    }

    /// Whose lives a report shows: the first of each group, and one more.
    package func followedClients(with other: Int?) -> [Int] {
        var first = 0
        var clients: Set<Int> = []
        for group in self.file.scenario.groups.prefix(Self.maximumFollowedCount) {
            clients.insert(first)
            first += group.count
        }
        if let other { clients.insert(other) }
        return clients.sorted()
    }

    private static let maximumFollowedCount = 20

    /// The command that does it again.
    package var command: String {
        let swarm = self.isSwarm && !self.file.isSwarm ? " --seeds 1" : ""
        let configuration = self.file.configurationPath.map { " --config \($0)" } ?? ""
        return "hydrogen simulate \(self.file.path) --seed \(self.seed)\(swarm)\(configuration)"
    }
}

/// A run and what came of it.
package struct RunOutcome: Sendable {
    package let run: Run
    package let result: SimulationResult
    package let wallTime: Duration

    package init(_ run: Run, _ result: SimulationResult, wallTime: Duration) {
        self.run = run
        self.result = result
        self.wallTime = wallTime
    }
}
