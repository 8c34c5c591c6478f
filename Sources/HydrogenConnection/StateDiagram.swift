/// The table as a picture: what `hydrogen diagram` prints and README shows.
package enum StateDiagram {
    /// A line of the picture: all causes that lead one way, those beyond the original's diagram apart.
    struct Edge: Equatable {
        var from: ConnectionStateMachine.Kind
        var to: ConnectionStateMachine.Kind
        var isAddition: Bool
        var causes: [String]
    }

    /// The mark of what the original's diagram does not have.
    static let additionMark = "†"

    /// The edges that the original's diagram does not have at all.
    static let additions = [
        Transition(from: .heartbeat, to: .closing),
        Transition(from: .established, to: .closing),
        Transition(from: .inactive, to: .connected),
    ]

    /// The edges in the order of the kinds. A row that stays in its kind is drawn where a time-out does something.
    static func edges(of rows: [StateMachineTable.Row]) -> [Edge] {
        var edges: [Edge] = []
        let kinds = ConnectionStateMachine.Kind.allCases
        for from in kinds {
            for to in kinds {
                let leading = rows.filter { $0.from == from && $0.to == to && $0.isDrawn }
                for isAddition in [false, true] {
                    var causes: [String] = []
                    for row in leading where row.isAddition == isAddition && !causes.contains(row.cause) {
                        causes.append(row.cause)
                    }
                    guard !causes.isEmpty else { continue }
                    edges.append(Edge(from: from, to: to, isAddition: isAddition, causes: causes))
                }
            }
        }
        return edges
    }

    /// Mermaid text, as GitHub draws it between ` ```mermaid ` fences; without them.
    package static func mermaid() -> String { mermaid(of: StateMachineTable.rows) }

    static func mermaid(of rows: [StateMachineTable.Row]) -> String {
        var lines = ["stateDiagram-v2", "    [*] --> connecting : socket accepted"]
        for edge in edges(of: rows) {
            let mark = edge.isAddition ? "\(additionMark) " : ""
            lines.append("    \(edge.from.label) --> \(edge.to.label) : \(mark)\(edge.causes.joined(separator: ", "))")
        }
        lines.append("    freed --> [*]")
        for phase in ConnectionStateMachine.Phase.allCases {
            lines.append("    classDef \(phase.label)Phase \(phase.mermaidStyle)")
            let members = ConnectionStateMachine.Kind.allCases.filter { $0.phase == phase }
            lines.append("    class \(members.map { "\($0.label)" }.joined(separator: ", ")) \(phase.label)Phase")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Graphviz text; additions are dashed.
    package static func dot() -> String { dot(of: StateMachineTable.rows) }

    static func dot(of rows: [StateMachineTable.Row]) -> String {
        var lines = [
            "digraph ConnectionStateMachine {",
            "    rankdir=TB;",
            "    node [shape=box, style=\"rounded,filled\", fontname=\"sans-serif\"];",
            "    edge [fontname=\"sans-serif\", fontsize=10];",
            "    accept [shape=point];",
        ]
        for kind in ConnectionStateMachine.Kind.allCases {
            lines.append("    \(kind.label) [fillcolor=\"\(kind.phase.fill)\"];")
        }
        lines.append("    accept -> connecting [label=\"socket accepted\"];")
        for edge in edges(of: rows) {
            let style = edge.isAddition ? ", style=dashed" : ""
            let label = edge.causes.joined(separator: "\\n")
            lines.append("    \(edge.from.label) -> \(edge.to.label) [label=\"\(label)\"\(style)];")
        }
        lines.append("}")
        return lines.joined(separator: "\n") + "\n"
    }
}

extension StateMachineTable.Row {
    /// Whether the picture shows the row.
    var isDrawn: Bool {
        switch self.outcome {
        case .handled(let to, _): to != self.from || self.event == .deadlineReached
        case .violation(_, let to, _): to != self.from
        case .ignored, .programmingError: false
        }
    }

    /// Whether the row goes beyond the original's diagram.
    package var isAddition: Bool {
        let edge = Transition(from: self.from, to: self.to)
        let lateTimeouts: [StateMachineTable.Kind] = [.verifying, .failed, .rejected]
        return StateDiagram.additions.contains(edge)
            || self.isDrawn && self.event == .deadlineReached && lateTimeouts.contains(self.from)
    }

    /// Why the edge is taken, in a few words.
    package var cause: String {
        switch self.outcome {
        case .violation: "violation"
        case .handled, .ignored, .programmingError: self.event == .deadlineReached ? self.timeoutNames : self.event.words
        }
    }

    /// The time-outs of the configuration that end a wait in this kind.
    private var timeoutNames: String {
        switch self.from {
        case .connecting, .verifying, .established: "HandshakeTimeout"
        case .connected: "HeartbeatInterval"
        case .heartbeat: "HeartbeatTimeout"
        case .inactive: self.to == .closing ? "InactiveTimeout, IdleTimeout" : "HeartbeatTimeout"
        case .closing, .failed, .rejected: "CloseTimeout"
        case .zombie: "ZombieTimeout"
        case .closed, .freed: "none"
        }
    }
}

extension ConnectionStateMachine.EventKind {
    /// The event as words: `pongReceived` is "pong received".
    package var words: String {
        var words = ""
        for letter in self.rawValue {
            words += letter.isUppercase ? " \(letter.lowercased())" : String(letter)
        }
        return words
    }
}

extension ConnectionStateMachine.Phase {
    var fill: String {
        switch self {
        case .allocated: "#dbeafe"
        case .inUse: "#dcfce7"
        case .markedForDeletion: "#fef3c7"
        case .zombie: "#e5e7eb"
        case .freed: "#ffffff"
        }
    }

    var mermaidStyle: String { "fill:\(self.fill),stroke:#64748b,color:#0f172a" }
}
