import HydrogenConfiguration
import HydrogenConnection
import HydrogenProtocol
import HydrogenSimulation

extension ReportRun {
    /// For each state and event: how often it came, and what the table says of it.
    var coverage: String {
        JSONBuild.list(
            Self.states.map { state in
                JSONBuild.list(
                    Self.events.indices.map { index in
                        let place = Int(state.rawValue) * Self.events.count + index
                        let counts = self.outcome.result.coverage
                        return JSONBuild.object([
                            ("count", counts.indices.contains(place) ? "\(counts[place])" : "0"),
                            ("kind", JSONBuild.text(Self.kind(of: state, Self.events[index]))),
                            ("outcome", JSONBuild.text(Self.outcomes(of: state, Self.events[index]))),
                        ])
                    })
            })
    }

    private static func rows(
        of state: ConnectionStateMachine.Kind, _ event: ConnectionStateMachine.EventKind
    ) -> [StateMachineTable.Row] {
        StateMachineTable.rows.filter { $0.from == state && $0.event == event }
    }

    /// `impossible`: no driver provokes it; `ignored`: a legitimate race; `handled`: everything else.
    private static func kind(
        of state: ConnectionStateMachine.Kind, _ event: ConnectionStateMachine.EventKind
    ) -> String {
        let outcomes = self.rows(of: state, event).map(\.outcome)
        let areErrors = outcomes.allSatisfy { if case .programmingError = $0 { true } else { false } }
        if areErrors { return "impossible" }
        let areIgnored = outcomes.allSatisfy { if case .ignored = $0 { true } else { false } }
        return areIgnored ? "ignored" : "handled"
    }

    private static func outcomes(
        of state: ConnectionStateMachine.Kind, _ event: ConnectionStateMachine.EventKind
    ) -> String {
        self.rows(of: state, event).map { row in
            let condition = row.condition == .always ? "" : "\(row.condition.rawValue): "
            switch row.outcome {
            case .handled(let to, let action): return "\(condition)\(action), \(to.label)"
            case .ignored: return "\(condition)ignored"
            case .violation(_, let to, let action): return "\(condition)violation, \(action), \(to.label)"
            case .programmingError: return "\(condition)programming error"
            }
        }.joined(separator: "\n")
    }

    var transitions: String {
        let counts = self.outcome.result.transitions
        let all = StateMachineTable.legalTransitions.count
        let never = counts.isEmpty ? [] : Tally.neverTaken(counts)
        return JSONBuild.object([
            ("taken", "\(counts.count { $0 > 0 })"), ("all", "\(all)"),
            ("never", JSONBuild.list(never.map(JSONBuild.text))),
        ])
    }

    /// The lives of the clients that were followed.
    var clients: String {
        var clients: [(client: Int, steps: [ConnectionStep])] = []
        for step in self.outcome.result.timeline {
            if let index = clients.firstIndex(where: { $0.client == step.client }) {
                clients[index].steps.append(step)
            } else {
                clients.append((step.client, [step]))
            }
        }
        return JSONBuild.list(
            clients.sorted { $0.client < $1.client }.map { client, steps in
                JSONBuild.object([
                    ("client", "\(client)"), ("group", JSONBuild.text(self.group(of: client))),
                    ("isCut", "\(steps.count > Self.maximumStepCount)"),
                    ("steps", JSONBuild.list(steps.prefix(Self.maximumStepCount).map(self.json))),
                ])
            })
    }

    private func json(of step: ConnectionStep) -> String {
        JSONBuild.object([
            ("at", JSONBuild.seconds(step.at)), ("loop", "\(step.loop)"),
            ("connection", JSONBuild.text("\(step.connection.slot).\(step.connection.generation)")),
            ("event", JSONBuild.text(step.event)), ("before", JSONBuild.text("\(step.before.label)")),
            ("after", JSONBuild.text("\(step.after.label)")), ("action", JSONBuild.text(step.action)),
        ])
    }

    private func group(of client: Int) -> String {
        var first = 0
        for group in self.outcome.run.file.scenario.groups {
            first += group.count
            if client < first { return group.name }
        }
        return "nobody"
    }

    /// What the scenario lets happen at a time, for the curves.
    var markers: String {
        let scenario = self.outcome.run.file.scenario
        var markers = scenario.timeline.map { entry in Self.marker(entry) }
        if scenario.liveness != nil { markers.append((scenario.duration, nil, "faults end")) }
        return JSONBuild.list(
            markers.map { at, end, text in
                var members = [("at", JSONBuild.seconds(at)), ("text", JSONBuild.text(text))]
                if let end { members.append(("end", JSONBuild.seconds(end))) }
                return JSONBuild.object(members)
            })
    }

    private static func marker(_ entry: TimelineEntry) -> (at: Interval, end: Interval?, text: String) {
        func over(_ duration: Interval, _ text: String) -> (at: Interval, end: Interval?, text: String) {
            (entry.at, entry.at + duration, text)
        }
        switch entry.event {
        case .restart(let down): return over(down, "restart")
        case .drain: return (entry.at, nil, "drain")
        case .powerCut(_, _, let duration, _): return over(duration, "power cut")
        case .networkCut(_, _, let duration): return over(duration, "network cut")
        case .wallClockJump(let jump):
            let size = SpanText.text(of: Interval(nanoseconds: abs(jump.nanoseconds)))
            return (entry.at, nil, "clock \(jump < .zero ? "−" : "+")\(size)")
        case .faults(_, let duration): return over(duration, "faults")
        case .service(_, let duration): return over(duration, "service")
        case .reload: return (entry.at, nil, "reload")
        case .revokeKey: return (entry.at, nil, "key revoked")
        case .disconnect: return (entry.at, nil, "disconnect")
        }
    }
}
