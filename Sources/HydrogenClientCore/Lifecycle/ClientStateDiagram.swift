/// The table as a picture, for the documents.
package enum ClientStateDiagram {
    /// Mermaid text, as GitHub draws it between ` ```mermaid ` fences; without them.
    package static func mermaid() -> String {
        var lines = ["stateDiagram-v2", "    [*] --> stopped"]
        for from in ClientStateMachine.Kind.allCases {
            for to in ClientStateMachine.Kind.allCases where to != from {
                var causes: [String] = []
                for row in ClientStateTable.rows where row.from == from && row.to == to {
                    let cause = self.cause(of: row)
                    if !causes.contains(cause) { causes.append(cause) }
                }
                guard !causes.isEmpty else { continue }
                lines.append("    \(from.label) --> \(to.label) : \(causes.joined(separator: ", "))")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func cause(of row: ClientStateTable.Row) -> String {
        switch (row.event, row.from) {
        case (.startRequested, _): "start"
        case (.stopRequested, _): "stop"
        case (.transportOpened, _): "101"
        case (.transportRefused, _): row.to == .stopped ? "refused for good" : "refused"
        case (.transportEnded, .closing): "transport ended"
        case (.transportEnded, _): row.to == .stopped ? "closed for good" : "lost"
        case (.sessionReceived, _): row.to == .resuming ? "session to resume" : "session"
        case (.resumeAccepted, _): "resumed"
        case (.resumeRefused, _): row.to == .closing ? "not now" : "session is gone"
        case (.received, _): "anything received"
        case (.violationFound, _): "breach of the contract"
        case (.deadlineReached, .connected): "pingInterval"
        case (.deadlineReached, .probing): "pingTimeout"
        case (.deadlineReached, .waiting): "back-off over"
        case (.deadlineReached, .closing): "closeTimeout"
        case (.deadlineReached, _): "connectTimeout"
        }
    }
}
