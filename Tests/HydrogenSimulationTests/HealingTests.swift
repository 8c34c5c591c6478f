import HydrogenProtocol
import Testing

@testable import HydrogenSimulation

/// What the end of the safety phase makes good: else rule 10 would blame the server for what is still wrong around it.
@Suite struct HealingTests {
    /// Commands that would keep one hand busy for an hour.
    private static func backlog(_ change: (inout FaultRates) -> Void) -> Scenario {
        var faults = FaultRates()
        change(&faults)
        return Scenario(
            name: "backlog", server: Samples.server(),
            groups: [
                ClientGroup(
                    name: "devices", count: 4,
                    script: [.loop(count: nil, [.command(Samples.list), .wait(.fixed(.seconds(2)))])])
            ],
            services: [ServiceBehaviour(channel: Samples.file)], faults: faults,
            timeline: [TimelineEntry(at: .seconds(30), .restart(down: .seconds(1)))], duration: .seconds(120),
            liveness: LivenessPhase(bound: .seconds(60)))
    }

    @Test func slowServicesCatchUp() {
        let result = Simulation(Self.backlog { $0[.slowService] = 1_000_000 }, seed: 1).run()
        #expect(result.violation == nil, "\(String(describing: result.violation))")
    }

    @Test func silentServicesAnswer() {
        let result = Simulation(Self.backlog { $0[.silentService] = 1_000_000 }, seed: 1).run()
        #expect(result.violation == nil, "\(String(describing: result.violation))")
    }

    /// Also those whose usual behaviour it is to be silent, to commands that were on their way when the run healed.
    @Test func servicesThatAreUsuallySilentAnswer() {
        var scenario = Self.backlog { _ in }
        scenario.services[0].silentPerMillion = 500_000
        scenario.groups[0].count = 20
        scenario.groups[0].link.latency = .fixed(.milliseconds(400))
        let result = Simulation(scenario, seed: 1).run()
        #expect(result.violation == nil, "\(String(describing: result.violation))")
    }

    /// Those in hand when the server was killed are nobody's any more.
    @Test func commandsAtServicesAreCounted() {
        let result = Simulation(Self.backlog { $0[.slowService] = 1_000_000 }, seed: 1).run()
        let counts = result.samples.map(\.commandsAtServices)
        #expect(counts.allSatisfy { $0 >= 0 } && counts.contains { $0 > 50 })
        #expect(counts.last == 0)
    }
}
