import HydrogenConfiguration
import HydrogenProtocol
import HydrogenSimulation

/// Every key of a scenario file, in the order of the documentation. Reader, JSON Schema and documentation are made from
/// it.
enum ScenarioTable {
    /// The most clients of a group, and of all groups.
    static let maxClientCount = 1_000_000
    /// The most keys of an entry of `Keys`, and of all entries.
    static let maxKeyCount = 100_000
    /// The most names in `Inputs`: what shrinking leaves is listed up to so many.
    static let maxInputCount = 1_000

    static let root: ObjectTable<ScenarioDraft> = ObjectTable(
        "Scenario", "The whole file.", empty: ScenarioDraft(),
        rules: [
            ObjectRule("Clients") { draft in
                let count = draft.clients.reduce(0) { $0 + $1.count }
                guard count > ScenarioTable.maxClientCount else { return nil }
                return ("has \(count) clients in all", "at most \(ScenarioTable.maxClientCount)")
            },
            ObjectRule("Keys") { draft in
                let count = draft.keys.reduce(0) { $0 + $1.count }
                guard count > ScenarioTable.maxKeyCount else { return nil }
                return ("has \(count) keys in all", "at most \(ScenarioTable.maxKeyCount)")
            },
            unique("Clients", \.clients, \.name), unique("Keys", \.keys, \.name),
            unique("Backends", \.backends, \.name), unique("Services", \.services, \.channel),
            ObjectRule("Timeline", "Duration") { draft in
                guard let late = draft.timeline.firstIndex(where: { $0.at > draft.duration }) else { return nil }
                return (
                    "[\(late)] is after the end of the simulation",
                    "At from 0s to Duration, \(SpanText.text(of: draft.duration))"
                )
            },
        ],
        [
            ObjectMember("$schema", \.schema, ValueForm.prose(1_024).optional, "The JSON Schema, for editors."),
            ObjectMember(
                "Name", \.name, .ownName, required: true, "Names the scenario in tables, traces and files."),
            ObjectMember("Description", \.description, .prose(4_096), "What it shows, for the reader of a report."),
            ObjectMember(
                "WebSocketServer", \.configuration, .configuration,
                "The configuration under test: the keys of a configuration file (Configuration.md). `--config FILE` takes its place."
            ),
            ObjectMember("Keys", \.keys, keys.form.list(1...1_000), "The keys that the server knows."),
            ObjectMember(
                "Services", \.services, services.form.list(0...64), "The channels that have a service, and how it behaves."
            ),
            ObjectMember("Clients", \.clients, clients.form.list(0...1_000), required: true, "Who connects."),
            ObjectMember(
                "Backends", \.backends, backends.form.list(0...100), "Who publishes through the server API."),
            ObjectMember("Faults", \.faults, faults.form, "What goes wrong by itself, and how often."),
            ObjectMember("Timeline", \.timeline, timeline.form.list(0...10_000), "What happens at a time."),
            ObjectMember(
                "Duration", \.duration, .duration, required: true,
                "How long the scenario lasts: scripts run, faults strike."),
            ObjectMember(
                "Liveness", \.liveness, ValueForm.duration.optional,
                "What follows: nothing goes wrong any more, and within this time every client that may come back must be connected and served. Null: the end."
            ),
            ObjectMember(
                "Expectations", \.expectations, expectations.form.list(0...1_000), "What must be true."),
            ObjectMember(
                "Seeds", \.seeds, ValueForm.integer(0...Int.max).list(1...1_000, isUnique: true),
                "What is run when the command line names no seed."),
            ObjectMember(
                "Swarm", \.isSwarm, .boolean,
                "Whether each seed switches a random part of the faults off. `--seeds` does so whatever stands here."),
            ObjectMember(
                "DurableSeeds", \.durableSeedsPerMillion, ValueForm.decimal(0...1_000_000, places: 6).optional,
                "Of the seeds of a swarm: the part that has the durable store; the others have that in memory. Null: all have what `Delivery.Store` says."
            ),
            ObjectMember(
                "Inputs", \.inputs, ValueForm.inputID.list(0...maxInputCount, isUnique: true).optional,
                "The inputs that take place, of all that the seed would draw: what shrinking left. Null: all."),
            ObjectMember("StartsAt", \.startsAt, .wallTime, "What the wall clock shows at the start."),
            ObjectMember(
                "SampleInterval", \.sampleInterval, ValueForm.span(.milliseconds(10)...Interval.seconds(86_400)).optional,
                "How often the report's curves have a point. Null: about 500 over the whole duration."),
        ])

    private static func unique<Element: Sendable>(
        _ name: String, _ list: any KeyPath<ScenarioDraft, [Element]> & Sendable,
        _ key: any KeyPath<Element, String> & Sendable
    ) -> ObjectRule<ScenarioDraft> {
        ObjectRule(name) { draft in
            var seen: Set<String> = []
            let twice = draft[keyPath: list].first { !seen.insert($0[keyPath: key]).inserted }
            return twice.map { ("has \"\($0[keyPath: key])\" twice", "each name once") }
        }
    }

    /// `FaultKind.connectionReset` is `ConnectionReset`.
    static func name(of fault: FaultKind) -> String {
        let name = "\(fault)"
        return name.prefix(1).uppercased() + name.dropFirst()
    }

    static let faults: ObjectTable<FaultRates> = ObjectTable(
        "Faults", "Each a part of one: 0.001 strikes one of a thousand occasions.", empty: FaultRates(),
        FaultKind.allCases.map { kind in
            ObjectMember(name(of: kind), \FaultRates.[kind], .decimal(0...1_000_000, places: 6), ScenarioTable.summary(of: kind))
        })

    private static func summary(of kind: FaultKind) -> String {
        switch kind {
        case .connectionRefused: "Of attempts to connect: nobody answers for the moment."
        case .connectionReset: "Of messages of either side: the connection is reset instead."
        case .halfOpen: "Of messages of a client: its machine vanishes without a word."
        case .delay: "Of packets of either side: up to two seconds late, and everything behind it."
        case .split: "Of messages of a client: arrives in pieces, of a few bytes each at worst."
        case .merge: "Of packets for the server: waits, and arrives with the next one."
        case .stalledRead: "Of messages for a client: it stops to read for up to a minute."
        case .chokedWrite: "Of writes of the server: the socket takes nothing for the moment."
        case .lateWakeUp: "Of deadlines of a loop: noticed late, by up to a tick."
        case .duplicateWakeUp: "Of wake-ups of a loop: comes twice."
        case .lateMail: "Of messages between loops: waits while others pass."
        case .wallClockJump: "Of seconds: the wall clock is set, by up to an hour in either direction."
        case .slowService: "Of commands at a service: answered very late."
        case .failingService: "Of commands at a service: answered with an error."
        case .silentService: "Of commands at a service: never answered."
        case .malformedMessage: "Of messages of a client: something that it must not send comes first."
        case .crashRestart: "Of seconds: the server is killed, and is back some seconds later."
        case .lateCommit: "Of commits of the durable store: takes up to two seconds."
        case .failedCommit:
            "Of commits of the durable store: the device is broken, or full, for this one or for up to ten seconds."
        case .tornCommit:
            "Of commits of the durable store: the server is killed in the middle of it, and is back some seconds later; what was being committed is there whole, or not at all."
        case .forgottenOffset: "Of resumes: the client names offset 0, so that only what the server knows of its acks counts."
        }
    }
}

extension ValueForm where Value == Configuration {
    /// A configuration inside a scenario; the reading names what it starts from.
    static var configuration: ValueForm {
        ValueForm(.object(ConfigurationTable.description)) { found, reading in
            Configuration.read(section: found, over: reading.configuration, &reading)
        } json: { value in
            value.json(differingFrom: .simulated)
        }
    }
}
