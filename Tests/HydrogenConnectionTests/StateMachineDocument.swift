@testable import HydrogenConnection

/// `Documentation/StateMachine.md`, made from the table.
enum StateMachineDocument {
    static let command = "HYDROGEN_WRITE_DOCUMENTS=1 swift test --filter DocumentTests"

    static func markdown(_ rows: [Row] = StateMachineTable.rows) -> String {
        ([introduction, diagram, states(rows), overview(rows)] + Kind.allCases.map { details(of: $0, rows) })
            .joined(separator: "\n")
    }

    private static let introduction = """
        # The connection state machine

        Generated from `StateMachineTable` (target `HydrogenConnection`) by `\(command)`; a test compares.
        The machine itself, `ConnectionStateMachine`, is written apart from the table, and the tests hold one against
        the other over the whole product of states and events, and in every state that a search can reach.

        An event is legal, or illegal in one of three ways: a *race* is ignored, with the reason; a *violation* is the
        peer's fault and ends the connection; a *bug* is our own fault: it traps in debug builds and simulations, and
        in release builds it is counted and the connection closes with 1011.

        """

    private static let diagram = """
        ## Diagram

        \(StateDiagram.additionMark) marks what the original's diagram does not have.

        ```mermaid
        \(StateDiagram.mermaid())```

        """

    private static func states(_ rows: [Row]) -> String {
        var lines = ["## States", "", "| state | phase of the context | leads to |", "| --- | --- | --- |"]
        for kind in Kind.allCases {
            let targets = StateMachineTable.transitions(of: rows).filter { $0.from == kind }.map { "`\($0.to.label)`" }
            lines.append("| `\(kind.label)` | \(kind.phase.label) | \(targets.isEmpty ? "–" : targets.joined(separator: ", ")) |")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func overview(_ rows: [Row]) -> String {
        var lines = [
            "## Every pair", "",
            "A name: the state afterwards. `=`: handled, the state stays. `·`: race. `!`: violation. `✗`: bug.", "",
            "| event | " + Kind.allCases.map { "\($0.label)" }.joined(separator: " | ") + " |",
            "| --- |" + Kind.allCases.map { _ in " --- |" }.joined(),
        ]
        for event in EventKind.allCases {
            let cells = Kind.allCases.map { kind in
                var marks: [String] = []
                for row in rows where row.from == kind && row.event == event && !marks.contains(mark(row)) {
                    marks.append(mark(row))
                }
                return marks.joined(separator: " ")
            }
            lines.append("| \(event.rawValue) | " + cells.joined(separator: " | ") + " |")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func mark(_ row: Row) -> String {
        switch row.outcome {
        case .handled(let to, _): to == row.from ? "`=`" : "\(to.label)"
        case .ignored: "`·`"
        case .violation(_, let to, _): "`!` \(to.label)"
        case .programmingError: "`✗`"
        }
    }

    private static func details(of kind: Kind, _ rows: [Row]) -> String {
        var lines = ["## In `\(kind.label)`", "", "| event | when | outcome |", "| --- | --- | --- |"]
        for event in EventKind.allCases {
            for row in rows where row.from == kind && row.event == event {
                lines.append("| \(event.rawValue) | \(row.condition.rawValue) | \(outcome(of: row)) |")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func outcome(of row: Row) -> String {
        switch row.outcome {
        case .handled(let to, let action):
            to == row.from ? "stays; `\(action.rawValue)`" : "→ `\(to.label)`; `\(action.rawValue)`"
        case .ignored(let reason):
            "race: \(reason.rawValue)"
        case .violation(let code, let to, let action):
            "violation\(code.map { " (\($0.rawValue))" } ?? "") → `\(to.label)`; `\(action.rawValue)`"
        case .programmingError(let error):
            "bug: \(error.rawValue)"
        }
    }
}
