import HydrogenProtocol

/// The connection state machine as a declaration: for each kind and each event what happens.
///
/// It is what the documents, the diagram and the labels of the metrics are made of, and what the tests hold the
/// machine against. The machine itself does not read it: two descriptions that are written apart and compared
/// over the whole product find each other's mistakes.
package enum StateMachineTable {
    package typealias Kind = ConnectionStateMachine.Kind
    package typealias EventKind = ConnectionStateMachine.EventKind
    package typealias ActionKind = ConnectionStateMachine.ActionKind
    package typealias IgnoredReason = ConnectionStateMachine.IgnoredReason
    package typealias ProgrammingError = ConnectionStateMachine.ProgrammingError

    /// What happens in one kind on one event under one condition. The conditions of a pair exclude each other and
    /// leave nothing out.
    package struct Row: Sendable, Hashable {
        package var from: Kind
        package var event: EventKind
        package var condition: Condition
        package var outcome: Outcome

        package init(_ from: Kind, _ event: EventKind, _ condition: Condition, _ outcome: Outcome) {
            self.from = from
            self.event = event
            self.condition = condition
            self.outcome = outcome
        }

        /// The kind afterwards.
        package var to: Kind {
            switch self.outcome {
            case .handled(let to, _), .violation(_, let to, _): to
            case .ignored, .programmingError: self.from
            }
        }

        /// The action that the driver is given.
        package var action: ActionKind {
            switch self.outcome {
            case .handled(_, let action), .violation(_, _, let action): action
            case .ignored: .ignored
            case .programmingError: .programmingError
            }
        }
    }

    /// The three kinds of illegal event, and the legal one.
    package enum Outcome: Sendable, Hashable {
        /// Legal: the kind afterwards (perhaps the same), and the action.
        case handled(to: Kind, ActionKind)
        /// A legitimate race: nothing changes.
        case ignored(IgnoredReason)
        /// The peer's fault. The code is nil where no close frame can be sent yet.
        case violation(CloseCode?, to: Kind, ActionKind)
        /// Our own bug: nothing changes, and the driver closes with 1011.
        case programmingError(ProgrammingError)
    }

    /// What an outcome depends on, apart from the kind and the event.
    package enum Condition: String, Sendable, CaseIterable {
        case always = ""
        case notYetDue = "before the deadline"
        case due = "the deadline is here"
        case pingDue = "the next ping is due"
        case patienceOver = "`InactiveTimeout` or `IdleTimeout` is over"
        case nothingArmed = "aborted, or the transport is gone"
        case transportPresent = "the transport is there"
        case transportGone = "the transport is gone"
        case goneWithReferences = "the transport is gone, references are out"
        case goneWithoutReferences = "the transport is gone, no references"
        case referencesHeld = "references are out"
        case noReferences = "no references"
        case lastReference = "it was the last"
        case furtherReferences = "others are out"
        case referencesCountable = "the count has room"
        case referencesAtMaximum = "the count is at its maximum"
        case codeAllowed = "a code that may be sent, or none"
        case codeForbidden = "a code that must not be sent"
        case lastWordDue = "our last word is not out"
        case lastWordSent = "our last word is out"
        case closeAwaited = "our close frame is out, theirs was missing"
        case closeRepeated = "their close frame was here before"
    }

    /// Every row, event by event and kind by kind.
    package static let rows: [Row] = handshakeRows + trafficRows + endingRows + contextRows
}
