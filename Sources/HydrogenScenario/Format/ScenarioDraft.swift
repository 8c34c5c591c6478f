import HydrogenConfiguration
import HydrogenProtocol
import HydrogenSimulation

/// A scenario file as it was read: checked values, not yet put together.
struct ScenarioDraft: Sendable {
    var schema: String?
    var name = ""
    var description = ""
    var configuration = Configuration.simulated
    var keys = [KeyDraft()]
    var services: [ServiceDraft] = []
    var clients: [ClientsDraft] = []
    var backends: [BackendDraft] = []
    var faults = FaultRates()
    var timeline: [TimelineDraft] = []
    var duration = Interval.zero
    var liveness: Interval?
    var expectations: [ExpectationDraft] = []
    var seeds = [1]
    var isSwarm = false
    var durableSeedsPerMillion: Int?
    var inputs: [InputID]?
    var startsAt = WallTime(milliseconds: 1_800_000_000_000)
    var sampleInterval: Interval?
}

/// `Keys`: keys of the same kind.
struct KeyDraft: Sendable {
    var name = "client"
    var count = 1
    var permissions = ["*:*"]
    /// From the start of the simulation.
    var expiresAfter: Interval?

    /// The identities of the keys: the name, numbered where there are several.
    var identities: [String] { self.count == 1 ? [self.name] : (1...self.count).map { "\(self.name)-\($0)" } }
}

/// `Services`: a channel and the service that answers its commands.
struct ServiceDraft: Sendable {
    var channel = ""
    /// Nil: those that scripts ask for.
    var actions: [String]?
    var behaviour = ServiceBehaviour(channel: 0)
    /// In the timeline: how long it behaves so.
    var duration = Interval.zero
}

/// `Clients`: clients that are alike.
struct ClientsDraft: Sendable {
    var name = ""
    var count = 1
    var arrival = ClientGroup.Arrival.atOnce(.zero)
    var address: String?
    var clientsPerAddress = 1
    var addressStep = 1
    /// Index into `ScenarioDraft.keys`.
    var key: Int?
    var credential = CredentialWord.header
    var ticket: TicketDraft?
    var origin: String?
    var link = NetworkLink()
    var opening = ClientGroup.Opening.proper
    var script: [ClientStep] = []
    var reconnect: ReconnectPolicy? = ReconnectPolicy()

    /// How a client shows its key.
    enum CredentialWord: String, Sendable, CaseIterable {
        case header, subprotocol, none, wrong
    }
}

/// `Backends`: who publishes through the server API.
struct BackendDraft: Sendable {
    var name = ""
    var every = Delay.fixed(.seconds(1))
    var publish = PublishPlan(channel: 0, action: "")
}

/// `Ticket` of `Clients`.
struct TicketDraft: Sendable {
    var identity = "page"
    var permissions = ["*:*"]
    var lifetime = Interval.seconds(3600)
    var delay = Delay.fixed(.zero)
    var isTriedTwice = false
}

/// `Timeline`: something that happens at a time.
struct TimelineDraft: Sendable {
    var at = Interval.zero
    var event: TimelineEvent?
}

/// `Expectations`: something that must be true.
struct ExpectationDraft: Sendable {
    var text = ""
    var condition: Expectation.Condition?
}

extension Configuration {
    /// Where a scenario's configuration starts: the defaults of production, without what the simulated world has not
    /// got: files, TLS, a host.
    package static let simulated = Configuration().simulated

    /// The same configuration for the simulated world.
    package var simulated: Configuration {
        var configuration = self
        configuration.secureMode = .none
        configuration.certificatePath = nil
        configuration.keyPath = nil
        configuration.clientCAPath = nil
        configuration.keysPath = "keys.json"
        configuration.delivery.storePath = "simulated.sqlite"
        configuration.node = "simulation"
        configuration.services.file.root = nil
        configuration.warnings = []
        return configuration
    }
}
