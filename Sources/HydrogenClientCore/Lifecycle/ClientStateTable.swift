/// The client's lifecycle as a declaration: for each kind and each event what happens. Documents are made of it, and
/// the tests hold the machine against it; the machine itself does not read it.
package enum ClientStateTable {
    package typealias Kind = ClientStateMachine.Kind
    package typealias EventKind = ClientStateMachine.EventKind
    package typealias ActionKind = ClientStateMachine.ActionKind

    /// What happens in one kind on one event under one condition. The conditions of a pair exclude each other and leave
    /// nothing out.
    package struct Row: Sendable, Hashable {
        package var from: Kind
        package var event: EventKind
        package var condition: Condition
        package var outcome: Outcome

        /// The kind afterwards.
        package var to: Kind {
            switch self.outcome {
            case .handled(let to, _): to
            case .ignored, .programmingError: self.from
            }
        }
    }

    package enum Outcome: Sendable, Hashable {
        /// Legal: the kind afterwards (perhaps the same), and the action.
        case handled(to: Kind, ActionKind)
        /// A legitimate race: nothing changes.
        case ignored(ClientStateMachine.IgnoredReason)
        /// Our own bug: nothing changes.
        case programmingError(ClientStateMachine.ProgrammingError)
    }

    /// What an outcome depends on, apart from the kind and the event.
    package enum Condition: String, Sendable, CaseIterable {
        case always = ""
        case comesBack = "another attempt follows"
        case comesBackLater = "another attempt follows, and code or status allow it"
        case comesBackForbidden = "another attempt follows, but code or status are final"
        case isLast = "no attempt follows"
        case passing = "a code or status that passes"
        case final = "a code or status that is final"
        case hasSession = "there is a session to resume"
        case hasNoSession = "there is none"
        case retryable = "refused for now"
        case notRetryable = "refused for good"
        case notYetDue = "before the deadline"
        case due = "the deadline is here"
        case nothingArmed = "there is no deadline"
    }

    /// Every row, event by event.
    package static let rows: [Row] = wishRows + transportRows + serviceRows + deadlineRows

    private static let inService: [Kind] = [.connected, .probing]
    private static let opened: [Kind] = [.greeting, .resuming] + inService
    private static let withoutTransport: [Kind] = [.stopped, .waiting]

    private static func each(
        _ kinds: [Kind], _ event: EventKind, when condition: Condition = .always, _ outcome: Outcome
    ) -> [Row] {
        kinds.map { Row(from: $0, event: event, condition: condition, outcome: outcome) }
    }

    private static func move(
        _ kinds: [Kind], _ event: EventKind, when condition: Condition = .always, to: Kind, _ action: ActionKind
    ) -> [Row] {
        each(kinds, event, when: condition, .handled(to: to, action))
    }

    private static func stay(_ kinds: [Kind], _ event: EventKind, when condition: Condition = .always) -> [Row] {
        kinds.flatMap { each([$0], event, when: condition, .handled(to: $0, .none)) }
    }

    private static func ignore(
        _ kinds: [Kind], _ event: EventKind, when condition: Condition = .always,
        _ reason: ClientStateMachine.IgnoredReason
    ) -> [Row] {
        each(kinds, event, when: condition, .ignored(reason))
    }

    private static func bug(
        _ kinds: [Kind], _ event: EventKind, _ error: ClientStateMachine.ProgrammingError
    ) -> [Row] {
        each(kinds, event, .programmingError(error))
    }

    private static let wishRows: [Row] = [
        move([.stopped], .startRequested, to: .connecting, .openTransport),
        stay([.closing], .startRequested, when: .isLast),
        ignore([.closing], .startRequested, when: .comesBack, .alreadyStarted),
        ignore([.connecting] + opened + [.waiting], .startRequested, .alreadyStarted),
        move([.connecting], .stopRequested, to: .closing, .abort),
        move(opened, .stopRequested, to: .closing, .close),
        stay([.closing], .stopRequested, when: .comesBack),
        ignore([.closing], .stopRequested, when: .isLast, .alreadyStopped),
        move([.waiting], .stopRequested, to: .stopped, .stop),
        ignore([.stopped], .stopRequested, .alreadyStopped),
    ].flatMap(\.self)

    private static let transportRows: [Row] = [
        move([.connecting], .transportOpened, to: .greeting, .none),
        ignore([.closing], .transportOpened, .whileClosing),
        bug(opened, .transportOpened, .openedTwice),
        bug(withoutTransport, .transportOpened, .noTransport),
        endRows([.connecting], .transportRefused),
        bug(opened, .transportRefused, .refusedAfterOpened),
        endRows([.connecting] + opened, .transportEnded),
    ].flatMap(\.self)

    /// The end of a connection, or of an attempt.
    private static func endRows(_ kinds: [Kind], _ event: EventKind) -> [Row] {
        [
            move(kinds, event, when: .passing, to: .waiting, .wait),
            move(kinds, event, when: .final, to: .stopped, .stop),
            move([.closing], event, when: .isLast, to: .stopped, .stop),
            move([.closing], event, when: .comesBackLater, to: .waiting, .wait),
            move([.closing], event, when: .comesBackForbidden, to: .stopped, .stop),
            bug(withoutTransport, event, .noTransport),
        ].flatMap(\.self)
    }

    private static let serviceRows: [Row] = [
        move([.greeting], .sessionReceived, when: .hasSession, to: .resuming, .sendResume),
        move([.greeting], .sessionReceived, when: .hasNoSession, to: .connected, .beginService),
        bug([.resuming] + inService, .sessionReceived, .sessionTwice),
        messageRows(.sessionReceived),
        move([.resuming], .resumeAccepted, to: .connected, .beginService),
        bug([.greeting] + inService, .resumeAccepted, .resumeNotAsked),
        messageRows(.resumeAccepted),
        move([.resuming], .resumeRefused, when: .notRetryable, to: .connected, .beginService),
        move([.resuming], .resumeRefused, when: .retryable, to: .closing, .close),
        bug([.greeting] + inService, .resumeRefused, .resumeNotAsked),
        messageRows(.resumeRefused),
        stay([.greeting, .resuming, .connected], .received),
        move([.probing], .received, to: .connected, .none),
        messageRows(.received),
        move(opened, .violationFound, to: .closing, .close),
        messageRows(.violationFound),
    ].flatMap(\.self)

    /// A message where there should be none.
    private static func messageRows(_ event: EventKind) -> [Row] {
        ignore([.closing], event, .whileClosing) + bug([.connecting], event, .beforeOpened)
            + bug(withoutTransport, event, .noTransport)
    }

    private static let deadlineRows: [Row] = [
        ignore([.connecting] + opened + [.closing, .waiting], .deadlineReached, when: .notYetDue, .notYetDue),
        ignore([.stopped, .connected, .closing], .deadlineReached, when: .nothingArmed, .nothingArmed),
        move([.connecting, .greeting, .resuming, .probing], .deadlineReached, when: .due, to: .closing, .abort),
        move([.connected], .deadlineReached, when: .due, to: .probing, .sendPing),
        move([.closing], .deadlineReached, when: .due, to: .closing, .abort),
        move([.waiting], .deadlineReached, when: .due, to: .connecting, .openTransport),
    ].flatMap(\.self)
}
