import HydrogenProtocol
import HydrogenShard

/// Everything that there is in one run: time, network, server, clients, services, and those who check them.
///
/// A value that owns all of it in flat tables. What happens next comes out of `heap`; each kind of happening has its
/// handler in an extension that is named after its part of the world.
struct World: ~Copyable {
    private let addressOnly = AddressOnly()

    let scenario: Scenario
    let seed: UInt64
    let options: SimulationOptions
    let configuration: ShardConfiguration

    var clock: VirtualClock
    var heap = EventHeap()
    var stepCount: UInt64 = 0
    var phase = RunPhase.safety
    /// The rule that was broken: the run ends after this step.
    var violation: Violation?

    /// Decides what nobody else decides: which loop accepts, how long a pass lasts, in which order mail arrives.
    var schedule: Generator
    var faults: FaultPlan
    var inputs: InputLog

    var server: SimulatedServer
    /// nil with everything in memory.
    var durable: SimulatedStore?
    var mail = PlaceTable<MailUnderWay>()
    var links = LinkTable()
    var packets = PacketPool()
    var programs: [ScriptProgram]
    var clients: [SimulatedClient] = []
    var services: SimulatedServices
    var timeline = TimelineState()
    var tickets: SimulatedTickets
    var backends: SimulatedBackends

    let series: CheckedSeries
    var mirror: Mirror
    var events: EventOracle
    var delivery: DeliveryOracle
    var limits = LimitOracle()
    var measures: Measures
    var totals: ServerTotals
    var trace: TraceWriter

    /// The names of channels and of the actions of services, as bytes.
    let outgoingNames: ChannelNames
    /// The message that a client's core is being told of.
    var currentMessage: (place: UInt32, range: ByteRange)?
    /// Buffers that are used again and again.
    var steps: [MachineStep] = []
    var scratch: [UInt8] = []

    init(_ simulation: Simulation) {
        let scenario =
            simulation.options.isSwarm ? simulation.scenario.drawn(by: simulation.seed) : simulation.scenario
        self.scenario = scenario
        self.seed = simulation.seed
        self.options = simulation.options
        self.configuration = scenario.server.configuration
        self.clock = VirtualClock(startsAt: scenario.startsAt)
        self.schedule = Generator(seed: simulation.seed, stream: StreamOf.schedule)
        self.faults = FaultPlan(scenario.faults, seed: simulation.seed)
        self.inputs = InputLog(simulation.options)
        self.server = SimulatedServer(scenario.server, seed: simulation.seed)
        if scenario.server.configuration.delivery.isDurable {
            self.durable = SimulatedStore(scenario.server.configuration, seed: simulation.seed)
        }
        let compiler = ScriptCompiler(scenario)
        self.programs = compiler.programs
        self.services = SimulatedServices(scenario, seed: simulation.seed)
        self.tickets = SimulatedTickets(seed: simulation.seed)
        self.backends = SimulatedBackends(scenario.backends, seed: simulation.seed)
        self.series = CheckedSeries(self.server.metrics)
        self.mirror = Mirror(scenario.server.configuration)
        self.events = EventOracle(compiler.subscriptions)
        self.delivery = DeliveryOracle(compiler.subscriptions, scenario.server.configuration)
        self.measures = Measures(simulation)
        self.totals = ServerTotals(self.server.metrics)
        self.trace = TraceWriter(simulation)
        self.outgoingNames = ChannelNames(scenario.server.configuration.channels)
        self.makeClients()
    }

    /// The time on both clocks.
    var now: Moment { self.clock.moment }

    func after(_ interval: Interval) -> Instant { self.clock.now + interval }

    /// A rule is broken: the first time counts.
    mutating func violate(_ rule: Int, _ text: String, client: UInt32? = nil) {
        guard self.violation == nil else { return }
        self.violation = Violation(
            rule: rule, text: text, at: self.clock.now, step: self.stepCount, client: client.map(Int.init))
    }
}

/// Streams of random numbers that belong to nobody in particular; clients have those from `client` on.
enum StreamOf {
    static let schedule: UInt64 = 1
    static let entropy: UInt64 = 2
    static let services: UInt64 = 3
    static let serverFaults: UInt64 = 4
    static let swarm: UInt64 = 5
    static let timeline: UInt64 = 6
    static let tickets: UInt64 = 7
    static let backends: UInt64 = 8
    static let store: UInt64 = 9
    static func script(ofClient client: Int) -> UInt64 { 1 << 32 | UInt64(client) }
    static func faults(ofClient client: Int) -> UInt64 { 2 << 32 | UInt64(client) }
    static func backend(_ backend: Int) -> UInt64 { 4 << 32 | UInt64(backend) }
    static func network(ofClient client: Int) -> UInt64 { 3 << 32 | UInt64(client) }
}

/// Where a run is.
enum RunPhase {
    /// Scripts run, faults strike.
    case safety
    /// Nothing goes wrong any more: everybody must be served again.
    case liveness
    /// Everybody has said goodbye: nothing may be left.
    case farewell
}

/// Elements named by a place; one that is taken out is given out again.
struct PlaceTable<Element> {
    private var elements: [Element?] = []
    private var freePlaces: [UInt32] = []

    var count: Int { self.elements.count - self.freePlaces.count }

    subscript(place: UInt32) -> Element? { self.elements[Int(place)] }

    mutating func insert(_ element: consuming Element) -> UInt32 {
        guard let place = self.freePlaces.popLast() else {
            self.elements.append(element)
            return UInt32(self.elements.count - 1)
        }
        self.elements[Int(place)] = element
        return place
    }

    mutating func take(_ place: UInt32) -> Element? {
        guard let element = self.elements[Int(place)].take() else { return nil }
        self.freePlaces.append(place)
        return element
    }

    /// Takes out every element, in the order of places.
    mutating func takeAll() -> [Element] { self.elements.indices.compactMap { self.take(UInt32($0)) } }
}
