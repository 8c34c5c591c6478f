import Testing

@testable import HydrogenSimulation

/// What a seed of a swarm makes of a scenario.
@Suite struct SwarmTests {
    private static let seeds = UInt64(1)...1_000

    @Test(arguments: [(nil, 0...0), (0, 0...0), (500_000, 400...600), (1_000_000, 1_000...1_000)])
    func theStoreIsDrawn(_ share: Int?, _ count: ClosedRange<Int>) {
        var scenario = Samples.menagerie(seed: 1)
        scenario.durableSeedsPerMillion = share
        #expect(!scenario.server.configuration.delivery.isDurable)
        #expect(count.contains(Self.seeds.count { scenario.drawn(by: $0).server.configuration.delivery.isDurable }))
    }

    @Test func theStoreStaysWhereNothingIsSaid() {
        let scenario = Samples.vault()
        #expect(Self.seeds.allSatisfy { scenario.drawn(by: $0).server.configuration.delivery.isDurable })
    }

    /// Which store a seed draws changes none of its faults.
    @Test func faultsAreDrawn() {
        var scenario = Samples.vault()
        let rate = scenario.faults[.lateMail]
        var counts: [Int: Int] = [:]
        for seed in Self.seeds {
            scenario.durableSeedsPerMillion = nil
            let faults = scenario.drawn(by: seed).faults
            scenario.durableSeedsPerMillion = 500_000
            #expect(scenario.drawn(by: seed).faults == faults)
            counts[faults[.lateMail], default: 0] += 1
        }
        #expect(Set(counts.keys) == [0, rate, rate * 4, (rate + 3) / 4])
        #expect((400...600).contains(counts[0] ?? 0))
    }
}
