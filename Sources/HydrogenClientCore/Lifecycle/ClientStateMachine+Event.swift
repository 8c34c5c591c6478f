import HydrogenProtocol

extension ClientStateMachine {
    /// What may happen to a client.
    package enum Event: Sendable, Hashable {
        case startRequested
        case stopRequested
        /// The 101 is here, with the right sub-protocol.
        case transportOpened
        /// The upgrade was answered with another HTTP status; the transport is gone.
        case transportRefused(status: UInt16, retryAfter: Interval?)
        /// The transport is gone; nil: without a close frame, or before there was a connection.
        ///
        /// `retryAfter`: what the server asked for with its last error, where the code heeds it.
        case transportEnded(code: UInt16?, retryAfter: Interval?)
        /// The event `system/session`; whether there is an earlier session to resume.
        case sessionReceived(canResume: Bool)
        case resumeAccepted
        case resumeRefused(isRetryable: Bool, retryAfter: Interval?)
        /// Anything was heard: a message, a pong.
        case received
        /// The server sent what no server of this protocol sends.
        case violationFound
        /// The instant that `deadline(_:)` named is here. Too early or once too often does no harm.
        case deadlineReached

        /// The event without what it carries.
        package var kind: EventKind {
            switch self {
            case .startRequested: .startRequested
            case .stopRequested: .stopRequested
            case .transportOpened: .transportOpened
            case .transportRefused: .transportRefused
            case .transportEnded: .transportEnded
            case .sessionReceived: .sessionReceived
            case .resumeAccepted: .resumeAccepted
            case .resumeRefused: .resumeRefused
            case .received: .received
            case .violationFound: .violationFound
            case .deadlineReached: .deadlineReached
            }
        }
    }

    /// An event without what it carries: a column of the table.
    package enum EventKind: String, Sendable, CaseIterable {
        case startRequested, stopRequested
        case transportOpened, transportRefused, transportEnded
        case sessionReceived, resumeAccepted, resumeRefused
        case received, violationFound, deadlineReached
    }

    /// What must be done about an event.
    package enum Action: Sendable, Hashable {
        /// Nothing; the event did its work inside.
        case none
        /// Nothing: a legitimate race.
        case ignored(IgnoredReason)
        case openTransport
        case sendResume
        /// The session is ours: make subscriptions anew unless it is the earlier one, and send what waits.
        case beginService(isResumed: Bool)
        case sendPing
        /// Close with this code once everything queued has left; the end follows.
        case close(CloseCode)
        /// End the transport now; the end follows.
        case abort
        /// The next attempt is due at the deadline.
        case wait
        /// It is over; `end` says why.
        case stop
        /// Our own bug; see `unreachable(_:)`.
        case programmingError(ProgrammingError)

        /// The action without what it carries.
        package var kind: ActionKind {
            switch self {
            case .none: .none
            case .ignored: .ignored
            case .openTransport: .openTransport
            case .sendResume: .sendResume
            case .beginService: .beginService
            case .sendPing: .sendPing
            case .close: .close
            case .abort: .abort
            case .wait: .wait
            case .stop: .stop
            case .programmingError: .programmingError
            }
        }
    }

    /// An action without what it carries.
    package enum ActionKind: String, Sendable, CaseIterable {
        case none, ignored, openTransport, sendResume, beginService, sendPing, close, abort, wait, stop
        case programmingError
    }

    /// Why an event may come and yet change nothing.
    package enum IgnoredReason: String, Sendable, CaseIterable {
        case alreadyStarted = "it lives already"
        case alreadyStopped = "it is stopped already"
        case notYetDue = "the deadline has moved: arm it anew"
        case nothingArmed = "no deadline stands here: the wake-up is from before"
        case whileClosing = "it was on its way when the connection was given up"
    }

    /// What only a bug of ours brings about.
    package enum ProgrammingError: String, Sendable, CaseIterable {
        case noTransport = "an event of a transport that does not exist"
        case beforeOpened = "a message before the 101"
        case openedTwice = "opened twice"
        case refusedAfterOpened = "refused after the 101"
        case sessionTwice = "a second greeting"
        case resumeNotAsked = "an answer to a resume that was not sent"
    }
}
