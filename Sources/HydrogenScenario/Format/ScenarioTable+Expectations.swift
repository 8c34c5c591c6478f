import HydrogenConfiguration
import HydrogenConnection
import HydrogenProtocol
import HydrogenSimulation

extension ScenarioTable {
    static let expectations: ObjectTable<ExpectationDraft> = ObjectTable(
        "Expectations", "Something that must be true: one of these members, and in words what it says.",
        empty: ExpectationDraft(),
        alternatives: ["Connections", "ConnectedClients", "Total", "Rate", "Latency", "Metric"],
        [
            ObjectMember("Says", \.text, .prose(512), "In words, for reports. Empty: made from the rest."),
            ObjectMember("Connections", connections.form, "Connections of the server in some states, at a time.") {
                $0.condition = .connections($1.states.map(\.kind), $1.comparison, $1.bound, at: $1.at, $1.scope)
            },
            ObjectMember("ConnectedClients", connectedClients.form, "Clients that are connected and served, at a time.") {
                $0.condition = .connectedClients($1.comparison, $1.bound, at: $1.at, $1.scope)
            },
            ObjectMember("Total", totals.form, "What happens between two times, all together.") {
                $0.condition = .total($1.quantity, $1.comparison, $1.bound, from: $1.from, to: $1.to, $1.scope)
            },
            ObjectMember("Rate", rates.form, "What happens in any window of a length.") {
                $0.condition = .rate(
                    $1.quantity, $1.comparison, $1.bound, within: $1.window, from: $1.from, to: $1.to, $1.scope)
            },
            ObjectMember("Latency", latencies.form, "A percentile of a latency.") {
                $0.condition = .latency(
                    $1.latency, perMille: $1.perMille, atMost: $1.atMost, from: $1.from, to: $1.to, $1.scope)
            },
            ObjectMember("Metric", metrics.form, "A sample of `/metrics`.") {
                $0.condition = .metric($1.name, $1.comparison, $1.bound, at: $1.end)
            },
        ])

    /// What an expectation measures: each table takes the members that it needs.
    struct Measure: Sendable {
        var states: [StateWord] = []
        var quantity = Expectation.Quantity.messages
        var latency = Expectation.Latency.response
        var perMille = 990
        var name = ""
        var comparison = Expectation.Comparison.exactly
        var bound = 0
        var atMost = Interval.zero
        var at = Interval.zero
        /// Nil: the end.
        var end: Interval?
        var from = Interval.zero
        var to: Interval?
        var window = Interval.zero
        var group: Int?
        var eachOf: Int?

        var scope: Expectation.Scope {
            if let eachOf { return .eachClient(ofGroup: eachOf) }
            return self.group.map { .group($0) } ?? .everybody
        }
    }

    /// The states of a connection by name.
    enum StateWord: String, Sendable, CaseIterable {
        case connecting, verifying, established, connected, heartbeat, inactive
        case closing, failed, rejected, closed, zombie, freed

        var kind: ConnectionStateMachine.Kind {
            switch self {
            case .connecting: .connecting
            case .verifying: .verifying
            case .established: .established
            case .connected: .connected
            case .heartbeat: .heartbeat
            case .inactive: .inactive
            case .closing: .closing
            case .failed: .failed
            case .rejected: .rejected
            case .closed: .closed
            case .zombie: .zombie
            case .freed: .freed
            }
        }
    }

    private static let bounds: [ObjectMember<Measure>] = [
        bound("AtMost", .atMost, "No more than so many."), bound("AtLeast", .atLeast, "No less than so many."),
        bound("Exactly", .exactly, "So many."),
    ]

    private static let boundNames = bounds.map(\.name)

    private static func bound(
        _ name: String, _ comparison: Expectation.Comparison, _ summary: String
    ) -> ObjectMember<Measure> {
        ObjectMember(name, ValueForm.integer(0...Int.max), summary) {
            $0.comparison = comparison
            $0.bound = $1
        }
    }

    private static let scopes: [ObjectMember<Measure>] = [
        ObjectMember(
            "Clients", \.group, ValueForm.name(of: "group of clients").optional,
            "Only of this group. Null: of everybody."),
        ObjectMember(
            "EachOf", \.eachOf, ValueForm.name(of: "group of clients").optional,
            "Of each client of this group by itself."),
    ]

    private static let times: [ObjectMember<Measure>] = [
        ObjectMember("From", \.from, .time, "Counted from then on."),
        ObjectMember("To", \.to, ValueForm.time.optional, "Counted until then. Null: to the end."),
    ]

    private static let scopeRule = ObjectRule<Measure>("EachOf", "Clients") {
        $0.eachOf != nil && $0.group != nil ? ("stands beside Clients", "one of Clients and EachOf") : nil
    }

    private static let timeRule = ObjectRule<Measure>("To", "From") {
        guard let to = $0.to, to <= $0.from else { return nil }
        return ("is not after From", "a later time")
    }

    private static let connections = measure(
        "Connections", "Connections in one of some states.", rules: [scopeRule],
        [
            ObjectMember(
                "States", \.states, ValueForm<StateWord>.word.list(1...12, isUnique: true), required: true,
                "The states that count."),
            ObjectMember("At", \.at, .time, required: true, "When."),
        ] + scopes)

    private static let connectedClients = measure(
        "ConnectedClients", "Clients that are served.", rules: [scopeRule],
        [ObjectMember("At", \.at, .time, required: true, "When.")] + scopes)

    private static let totals = measure(
        "Total", "A sum.", rules: [scopeRule, timeRule],
        [ObjectMember("Of", \.quantity, .quantity, required: true, "What is counted.")] + times + scopes)

    private static let rates = measure(
        "Rate", "A rate.", rules: [scopeRule, timeRule],
        [
            ObjectMember("Of", \.quantity, .quantity, required: true, "What is counted."),
            ObjectMember("Within", \.window, .duration, required: true, "The length of the window."),
        ] + times + scopes)

    private static let latencies: ObjectTable<Measure> = ObjectTable(
        "Latency", "A latency.", empty: Measure(), rules: [scopeRule, timeRule],
        [
            ObjectMember(
                "Of", \.latency, .word, required: true,
                "From a command to its response, from a publish to a subscriber, or from the first attempt to connect to being served."
            ),
            ObjectMember(
                "Percentile", \.perMille, .decimal(1...1_000, places: 1), "Of so many of a hundred, as 99.9."),
            ObjectMember("AtMost", \.atMost, .duration, required: true, "No more than that."),
        ] + times + scopes)

    private static let metrics = measure(
        "Metric", "A metric.", rules: [],
        [
            ObjectMember(
                "Name", \.name, .prose(256), required: true,
                "Name and labels, as `hydrogen_connections{state=\"zombie\"}`."),
            ObjectMember("At", \.end, ValueForm.time.optional, "When. Null: at the end."),
        ])

    private static func measure(
        _ name: String, _ summary: String, rules: [ObjectRule<Measure>], _ members: [ObjectMember<Measure>]
    ) -> ObjectTable<Measure> {
        ObjectTable(name, summary, empty: Measure(), alternatives: self.boundNames, rules: rules, members + self.bounds)
    }
}
