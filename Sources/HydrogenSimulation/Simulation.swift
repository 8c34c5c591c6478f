import HydrogenProtocol

/// How a scenario is run.
package struct SimulationOptions: Sendable {
    /// Whether the seed draws what goes wrong, and which store there is (`Scenario.drawn(by:)`).
    package var isSwarm = false
    package var mask = InputMask.all
    /// Whether `SimulationResult.inputs` is filled, and up to how many.
    package var recordsInputs = false
    package var maximumInputCount = 200_000
    /// Whose steps `SimulationResult.timeline` gets, in ascending order.
    package var followedClients: [Int] = []
    /// Told each line of the trace, without its line feed; nil: no trace is made, which is much quicker.
    package var trace: (@Sendable (String) -> Void)?
    /// Told everything that happens between cores and their drivers.
    package var observe: (@Sendable (CoreActivity) -> Void)?
    /// Told now and then how far the run is, in simulated time.
    package var progress: (@Sendable (Interval) -> Void)?

    package init() {}
}

/// One run of a scenario. The same scenario, seed and options give the same result and the same trace, byte for byte.
package struct Simulation: Sendable {
    package let scenario: Scenario
    package let seed: UInt64
    package let options: SimulationOptions

    package init(_ scenario: Scenario, seed: UInt64, options: SimulationOptions = SimulationOptions()) {
        self.scenario = scenario
        self.seed = seed
        self.options = options
    }

    /// Runs it to its end, or to the first broken rule.
    package func run() -> SimulationResult {
        var world = World(self)
        return world.run()
    }
}
