import HydrogenConfiguration
import HydrogenConnection
import HydrogenProtocol
import HydrogenSimulation

/// A run as a report shows it.
package struct ReportRun: Sendable {
    package let tally: Tally
    package let outcome: RunOutcome
    /// The file of the shrunk scenario, where a rule was broken.
    package let shrunkPath: String?

    /// How many steps of a connection's life a page holds.
    static let maximumStepCount = 2_000

    package init(_ tally: Tally, _ outcome: RunOutcome, shrunkPath: String?) {
        self.tally = tally
        self.outcome = outcome
        self.shrunkPath = shrunkPath
    }

    private var scenario: Scenario { self.outcome.run.file.scenario }
    private var result: SimulationResult { self.outcome.result }

    /// The data of the page.
    var json: String {
        let verdict = self.result.violation != nil ? "broken" : self.result.isSuccess ? "passed" : "missed"
        return JSONBuild.object([
            ("name", JSONBuild.text(self.scenario.name)), ("description", JSONBuild.text(self.scenario.description)),
            ("seed", JSONBuild.text("\(self.outcome.run.seed)")), ("isSwarm", "\(self.outcome.run.isSwarm)"),
            ("verdict", JSONBuild.text(verdict)), ("end", JSONBuild.seconds(self.end)), ("figures", self.figures),
            ("expectations", self.expectations), ("violation", self.violation), ("markers", self.markers),
            ("sampleSeconds", JSONBuild.seconds(self.scenario.sampleInterval)), ("states", Self.texts(Self.shownStates)),
            ("samples", self.samples), ("latencies", self.latencies), ("allStates", Self.texts(Self.states)),
            ("events", JSONBuild.list(Self.events.map { JSONBuild.text($0.rawValue) })), ("coverage", self.coverage),
            ("transitions", self.transitions), ("faults", self.faults),
            ("limits", JSONBuild.counts(self.result.limitsHit.map { ($0.name, $0.count) })),
            ("closeCodes", JSONBuild.counts(self.result.closeCodes.map { ("\($0.code)", $0.count) })),
            ("groups", JSONBuild.counts(self.scenario.groups.map { ($0.name, UInt64($0.count)) })),
            ("clients", self.clients), ("source", JSONBuild.text(JSONLayout.pretty(self.outcome.run.file.json(of: self.outcome.run)))),
        ])
    }

    static let states = ConnectionStateMachine.Kind.allCases
    static let events = ConnectionStateMachine.EventKind.allCases
    /// What the curves show: those that are freed are no more.
    static let shownStates = states.filter { $0 != .freed }

    private static func texts(_ states: [ConnectionStateMachine.Kind]) -> String {
        JSONBuild.list(states.map { JSONBuild.text("\($0.label)") })
    }

    private var end: Interval {
        let last = self.result.samples.last?.at ?? .zero
        return max(self.result.simulatedTime, last)
    }

    private var figures: String {
        var one = Tally(self.outcome.run.file)
        one.add(self.outcome)
        let runs = Figure(
            name: "runs", value: FigureText.count(UInt64(self.tally.runCount)),
            note: "\(self.tally.brokenCount) broke a rule, \(self.tally.missedCount) missed an expectation")
        let shown = one.figures.filter { $0.name != "expectations" } + (self.tally.runCount > 1 ? [runs] : [])
        return JSONBuild.list(
            shown.map { figure in
                JSONBuild.object([
                    ("name", JSONBuild.text(figure.name)), ("value", JSONBuild.text(figure.value)),
                    ("note", JSONBuild.text(figure.note)),
                ])
            })
    }

    private var expectations: String {
        JSONBuild.list(
            self.result.expectations.map { outcome in
                JSONBuild.object([
                    ("text", JSONBuild.text(self.scenario.text(of: self.scenario.expectations[outcome.index]))),
                    ("isMet", "\(outcome.isMet)"), ("observed", JSONBuild.text(outcome.observed)),
                ])
            })
    }

    private var violation: String {
        guard let violation = self.result.violation else { return "null" }
        return JSONBuild.object([
            ("rule", "\(violation.rule)"), ("text", JSONBuild.text(violation.text)),
            ("at", JSONBuild.seconds(Interval(nanoseconds: violation.at.nanoseconds))), ("step", "\(violation.step)"),
            ("client", violation.client.map { "\($0)" } ?? "null"),
            ("repeat", JSONBuild.text(self.outcome.run.command)),
            ("shrunk", self.shrunkPath.map { JSONBuild.text("hydrogen simulate \($0)") } ?? "null"),
        ])
    }

    private var samples: String {
        let samples = self.result.samples
        func counts(_ path: KeyPath<Sample, Int32>) -> String { JSONBuild.numbers(samples.map { $0[keyPath: path] }) }
        func latencies(_ path: KeyPath<Sample, Interval>) -> String {
            JSONBuild.list(samples.map { JSONBuild.microseconds($0[keyPath: path]) })
        }
        let connections = Self.shownStates.map { state in
            JSONBuild.numbers(samples.map { $0.connections.indices.contains(Int(state.rawValue)) ? $0.connections[Int(state.rawValue)] : 0 })
        }
        return JSONBuild.object([
            ("at", JSONBuild.list(samples.map { JSONBuild.seconds($0.at) })), ("connections", JSONBuild.list(connections)),
            ("attempts", counts(\.attempts)), ("opened", counts(\.opened)), ("refused", counts(\.refused)),
            ("closed", counts(\.closed)), ("messages", counts(\.messages)), ("responses", counts(\.responses)),
            ("errors", counts(\.errors)), ("rateLimited", counts(\.rateLimited)), ("events", counts(\.events)),
            ("droppedEvents", counts(\.droppedEvents)), ("blocked", counts(\.blocked)),
            ("commandsAtServices", counts(\.commandsAtServices)),
            ("queuedBytes", JSONBuild.numbers(samples.map(\.queuedBytes))),
            ("responseMedian", latencies(\.responseMedian)), ("responseP99", latencies(\.responseP99)),
            ("deliveryMedian", latencies(\.deliveryMedian)), ("deliveryP99", latencies(\.deliveryP99)),
        ])
    }

    private var latencies: String {
        let all: [(String, LatencyHistogram)] = [
            ("command to response", self.result.responseLatency), ("publish to delivery", self.result.deliveryLatency),
            ("first attempt to being served", self.result.connectingLatency),
        ]
        return JSONBuild.list(
            all.map { name, histogram in
                let percentiles = [500, 900, 990, 999].map { histogram.percentile(perMille: $0) } + [histogram.greatest]
                return JSONBuild.object([
                    ("name", JSONBuild.text(name)), ("count", "\(histogram.count)"),
                    ("percentiles", JSONBuild.list(percentiles.map(JSONBuild.microseconds))),
                ])
            })
    }

    private var faults: String {
        let struck = FaultKind.allCases.compactMap { kind -> (String, UInt64)? in
            let index = Int(kind.rawValue)
            guard self.result.faults.indices.contains(index), self.result.faults[index] > 0 else { return nil }
            return (ScenarioTable.name(of: kind), self.result.faults[index])
        }
        return JSONBuild.counts(struck)
    }
}
