import HydrogenProtocol

/// The rows. Written for reading: one block per event, the legal kinds first.
extension StateMachineTable {
    static let inService: [Kind] = [.connected, .heartbeat, .inactive]
    static let inUse: [Kind] = [.established] + inService

    private static func each(
        _ kinds: [Kind], _ event: EventKind, when condition: Condition = .always, _ outcome: Outcome
    ) -> [Row] {
        kinds.map { Row($0, event, condition, outcome) }
    }

    /// The kind stays; the event does its work inside, or the driver is given something to do.
    private static func stay(
        _ kinds: [Kind], _ event: EventKind, when condition: Condition = .always, _ action: ActionKind
    ) -> [Row] {
        kinds.map { Row($0, event, condition, .handled(to: $0, action)) }
    }

    private static func move(
        _ kinds: [Kind], _ event: EventKind, when condition: Condition = .always, to: Kind, _ action: ActionKind
    ) -> [Row] {
        each(kinds, event, when: condition, .handled(to: to, action))
    }

    private static func ignore(
        _ kinds: [Kind], _ event: EventKind, when condition: Condition = .always, _ reason: IgnoredReason
    ) -> [Row] {
        each(kinds, event, when: condition, .ignored(reason))
    }

    private static func bug(
        _ kinds: [Kind], _ event: EventKind, when condition: Condition = .always, _ reason: ProgrammingError
    ) -> [Row] {
        each(kinds, event, when: condition, .programmingError(reason))
    }

    /// An event of a transport, where there can be none any more.
    private static func transportIsGone(_ event: EventKind) -> [Row] {
        [bug([.closed, .zombie], event, .afterTransportEnded), bug([.freed], event, .afterFree)].flatMap(\.self)
    }
}

extension StateMachineTable {
    static let handshakeRows: [Row] = requestRows + verdictRows + upgradeRows

    private static let requestRows: [Row] = [
        move([.connecting], .requestRead, to: .verifying, .none),
        ignore([.failed, .rejected], .requestRead, when: .transportPresent, .requestWhileEnding),
        bug([.failed, .rejected], .requestRead, when: .transportGone, .afterTransportEnded),
        bug([.verifying] + inUse + [.closing], .requestRead, .requestRepeated),
        transportIsGone(.requestRead),
    ].flatMap(\.self)

    private static let verdictRows: [Row] = [
        move([.verifying], .accepted, to: .established, .sendUpgrade),
        move([.verifying], .refused, to: .rejected, .sendRefusal),
        lateVerdictRows(.accepted),
        lateVerdictRows(.refused),
    ].flatMap(\.self)

    private static func lateVerdictRows(_ event: EventKind) -> [Row] {
        [
            ignore([.failed, .zombie], event, .lateVerdict),
            bug([.connecting], event, .verdictWithoutRequest),
            bug(inUse + [.closing, .rejected, .closed], event, .verdictRepeated),
            bug([.freed], event, .afterFree),
        ].flatMap(\.self)
    }

    private static let upgradeRows: [Row] = [
        move([.established], .upgraded, to: .connected, .beginService),
        ignore([.closing], .upgraded, .closedBeforeUpgrade),
        bug([.connecting, .verifying, .failed, .rejected], .upgraded, .upgradeWithoutVerdict),
        bug(inService, .upgraded, .upgradeRepeated),
        transportIsGone(.upgraded),
    ].flatMap(\.self)
}

extension StateMachineTable {
    static let trafficRows: [Row] = [
        receivedRows, pongRows, strayRows(.received), strayRows(.pongReceived),
    ].flatMap(\.self)

    private static let receivedRows: [Row] = [
        stay([.connected], .received, .none),
        move([.heartbeat], .received, to: .connected, .none),
        move([.inactive], .received, to: .connected, .recordRevival),
    ].flatMap(\.self)

    private static let pongRows: [Row] = [
        stay([.connected], .pongReceived, .none),
        move([.heartbeat], .pongReceived, to: .connected, .recordRoundTrip),
        move([.inactive], .pongReceived, to: .connected, .recordRevival),
    ].flatMap(\.self)

    /// Bytes from the peer outside service.
    private static func strayRows(_ event: EventKind) -> [Row] {
        [
            earlyFrameRows(event),
            each([.established], event, .violation(.protocolError, to: .closing, .closeOnViolation)),
            ignore([.closing], event, .afterClose),
        ].flatMap(\.self)
    }

    /// A frame where there is no WebSocket yet, or none any more.
    private static func earlyFrameRows(_ event: EventKind) -> [Row] {
        [
            each([.connecting, .verifying], event, .violation(nil, to: .failed, .dropOnViolation)),
            ignore([.failed, .rejected], event, when: .transportPresent, .bytesWhileEnding),
            bug([.failed, .rejected], event, when: .transportGone, .afterTransportEnded),
            transportIsGone(event),
        ].flatMap(\.self)
    }

    static let endingRows: [Row] = [
        closeReceivedRows, closeRequestedRows, queueDrainedRows, transportEndedRows,
    ].flatMap(\.self)

    private static let closeReceivedRows: [Row] = [
        move(inUse, .closeReceived, when: .codeAllowed, to: .closing, .answerClose),
        each(
            inUse, .closeReceived, when: .codeForbidden, .violation(.protocolError, to: .closing, .closeOnViolation)),
        stay([.closing], .closeReceived, when: .lastWordDue, .answerClose),
        stay([.closing], .closeReceived, when: .closeAwaited, .endTransport),
        ignore([.closing], .closeReceived, when: .closeRepeated, .closeRepeated),
        earlyFrameRows(.closeReceived),
    ].flatMap(\.self)

    private static let closeRequestedRows: [Row] = [
        move([.connecting, .verifying], .closeRequested, to: .failed, .endTransport),
        move(inUse, .closeRequested, to: .closing, .beginClosing),
        ignore([.closing, .failed, .rejected, .closed, .zombie, .freed], .closeRequested, .alreadyEnding),
    ].flatMap(\.self)

    private static let queueDrainedRows: [Row] = [
        stay([.closing], .queueDrained, when: .lastWordDue, .sendClose),
        stay([.rejected], .queueDrained, when: .lastWordDue, .endTransport),
        ignore([.closing, .rejected], .queueDrained, when: .lastWordSent, .lastWordSent),
        ignore([.rejected], .queueDrained, when: .transportGone, .queueReleased),
        ignore(inUse, .queueDrained, .queueInUse),
        ignore([.closed], .queueDrained, .queueReleased),
        bug([.connecting, .verifying, .failed], .queueDrained, .queueBeforeUpgrade),
        bug([.zombie], .queueDrained, .afterTransportEnded),
        bug([.freed], .queueDrained, .afterFree),
    ].flatMap(\.self)

    private static let transportEndedRows: [Row] = [
        move([.connecting, .verifying], .transportEnded, to: .failed, .releaseResources),
        move(inUse + [.closing], .transportEnded, to: .closed, .releaseResources),
        stay([.failed, .rejected], .transportEnded, when: .transportPresent, .releaseResources),
        bug([.failed, .rejected], .transportEnded, when: .transportGone, .transportEndedTwice),
        bug([.closed, .zombie], .transportEnded, .transportEndedTwice),
        bug([.freed], .transportEnded, .afterFree),
    ].flatMap(\.self)
}

extension StateMachineTable {
    static let contextRows: [Row] = [retainedRows, releasedRows, turnRows, deadlineRows].flatMap(\.self)

    private static let retainedRows: [Row] = [
        stay([.verifying] + inUse, .referenceRetained, when: .referencesCountable, .none),
        bug([.verifying] + inUse, .referenceRetained, when: .referencesAtMaximum, .tooManyReferences),
        bug([.connecting], .referenceRetained, .referenceBeforeRequest),
        bug([.closing, .failed, .rejected, .closed, .zombie], .referenceRetained, .referenceWhileEnding),
        bug([.freed], .referenceRetained, .afterFree),
    ].flatMap(\.self)

    private static let mayHoldReferences: [Kind] = [.verifying] + inUse + [.closing, .failed, .rejected, .closed]

    private static let releasedRows: [Row] = [
        stay(mayHoldReferences, .referenceReleased, when: .referencesHeld, .none),
        stay(mayHoldReferences, .referenceReleased, when: .noReferences, .countStaleReference),
        move([.zombie], .referenceReleased, when: .lastReference, to: .freed, .free),
        stay([.zombie], .referenceReleased, when: .furtherReferences, .none),
        stay([.freed], .referenceReleased, .countStaleReference),
        bug([.connecting], .referenceReleased, .referenceBeforeRequest),
    ].flatMap(\.self)

    private static let turnRows: [Row] = [
        move([.failed, .rejected], .turnEnded, when: .goneWithReferences, to: .zombie, .holdForReferences),
        move([.failed, .rejected], .turnEnded, when: .goneWithoutReferences, to: .freed, .free),
        ignore([.failed, .rejected], .turnEnded, when: .transportPresent, .turnOfTheLiving),
        move([.closed], .turnEnded, when: .referencesHeld, to: .zombie, .holdForReferences),
        move([.closed], .turnEnded, when: .noReferences, to: .freed, .free),
        ignore([.connecting, .verifying] + inUse + [.closing, .zombie, .freed], .turnEnded, .turnOfTheLiving),
    ].flatMap(\.self)

    private static let deadlineRows: [Row] = [
        ignore(
            [.connecting, .verifying] + inUse + [.closing, .failed, .rejected, .zombie], .deadlineReached, when: .notYetDue,
            .notYetDue),
        move([.connecting, .verifying], .deadlineReached, when: .due, to: .failed, .endTransport),
        move([.established], .deadlineReached, when: .due, to: .closing, .beginClosing),
        move([.connected], .deadlineReached, when: .due, to: .heartbeat, .sendPing),
        move([.heartbeat], .deadlineReached, when: .due, to: .inactive, .repeatPing),
        stay([.inactive], .deadlineReached, when: .pingDue, .repeatPing),
        move([.inactive], .deadlineReached, when: .patienceOver, to: .closing, .beginClosing),
        stay([.closing, .failed, .rejected], .deadlineReached, when: .due, .abort),
        ignore([.closing, .failed, .rejected], .deadlineReached, when: .nothingArmed, .nothingArmed),
        ignore([.closed, .freed], .deadlineReached, .nothingArmed),
        move([.zombie], .deadlineReached, when: .due, to: .freed, .freeOrphans),
    ].flatMap(\.self)
}
