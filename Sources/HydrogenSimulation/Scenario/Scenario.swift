import HydrogenProtocol

/// A simulation as its author writes it: the server under test, who connects and what they do, what goes wrong, and
/// what is expected. A plain value; `Simulation` runs it.
///
/// Times count from the start of the simulation. Whatever is random is decided by the seed alone.
package struct Scenario: Sendable {
    /// Short, without spaces: it names files, and stands in the first line of a trace.
    package var name: String
    /// What it shows, for the reader of a report.
    package var description: String
    package var server: ServerSetup
    /// In their order: clients are numbered through all groups, from 0.
    package var groups: [ClientGroup]
    package var services: [ServiceBehaviour]
    package var backends: [BackendPlan]
    package var faults: FaultRates
    /// Of a million seeds of a swarm: have the durable store, and the others that in memory; nil: all have that of `server`.
    package var durableSeedsPerMillion: Int?
    package var timeline: [TimelineEntry]
    /// The safety phase: clients do what their scripts say, and faults strike.
    package var duration: Interval
    /// What follows it without faults; nil: the run ends with the safety phase.
    package var liveness: LivenessPhase?
    package var expectations: [Expectation]
    /// What is run when the command line names no seed.
    package var seeds: [UInt64]
    /// The wall clock at the start.
    package var startsAt: WallTime
    /// How often the report's curves have a point.
    package var sampleInterval: Interval

    package init(
        name: String, description: String = "", server: ServerSetup, groups: [ClientGroup],
        services: [ServiceBehaviour] = [], backends: [BackendPlan] = [], faults: FaultRates = FaultRates(),
        durableSeedsPerMillion: Int? = nil, timeline: [TimelineEntry] = [],
        duration: Interval, liveness: LivenessPhase? = nil, expectations: [Expectation] = [], seeds: [UInt64] = [1],
        startsAt: WallTime = WallTime(milliseconds: 1_800_000_000_000), sampleInterval: Interval = .seconds(1)
    ) {
        self.name = name
        self.description = description
        self.server = server
        self.groups = groups
        self.services = services
        self.backends = backends
        self.faults = faults
        self.durableSeedsPerMillion = durableSeedsPerMillion
        self.timeline = timeline
        self.duration = duration
        self.liveness = liveness
        self.expectations = expectations
        self.seeds = seeds
        self.startsAt = startsAt
        self.sampleInterval = sampleInterval
    }

    /// The number of all clients.
    package var clientCount: Int { self.groups.reduce(0) { $0 + $1.count } }
}

/// The phase in which nothing goes wrong any more: scripts end, clients that may come back do, services answer, and
/// what was left behind must heal. Then every client says goodbye, and nothing may be left of them.
package struct LivenessPhase: Sendable {
    /// By when every client is connected again and served.
    package var bound: Interval

    package init(bound: Interval) { self.bound = bound }
}
