import HydrogenProtocol

extension ConnectionStateMachine {
    /// What can happen to a connection.
    package enum Event: Sendable, Hashable {
        /// The HTTP request is here, whole.
        case requestRead
        /// The checks of the handshake were passed.
        case accepted
        /// The checks of the handshake were not passed: an HTTP status answers.
        case refused
        /// The 101 is written and the session exists.
        case upgraded
        /// Bytes of a message came from the peer, whole or in part.
        case received
        /// The peer answered a ping, or sent a pong on its own.
        case pongReceived
        /// The peer's close frame; nil when it had no code (RFC 6455 §5.5.1).
        case closeReceived(code: UInt16?)
        /// The server wants to end the connection: a fault of the peer, drain, operator, slow consumer …
        case closeRequested(CloseCode, reason: ErrorCode? = nil)
        /// Nothing that was queued is left to write. Also handed in right after `beginClosing` with an empty queue.
        case queueDrained
        /// The transport is gone, whatever the cause. Exactly once.
        case transportEnded
        /// A command went to a service, or a check of the handshake elsewhere.
        case referenceRetained
        /// It came back.
        case referenceReleased
        /// The loop's pass is over.
        case turnEnded
        /// The instant that `deadline(_:)` named is here. Too early or once too often does no harm.
        case deadlineReached

        /// The event without what it carries.
        package var kind: EventKind {
            switch self {
            case .requestRead: .requestRead
            case .accepted: .accepted
            case .refused: .refused
            case .upgraded: .upgraded
            case .received: .received
            case .pongReceived: .pongReceived
            case .closeReceived: .closeReceived
            case .closeRequested: .closeRequested
            case .queueDrained: .queueDrained
            case .transportEnded: .transportEnded
            case .referenceRetained: .referenceRetained
            case .referenceReleased: .referenceReleased
            case .turnEnded: .turnEnded
            case .deadlineReached: .deadlineReached
            }
        }
    }

    /// An event without what it carries: a column of the table.
    package enum EventKind: String, Sendable, CaseIterable {
        case requestRead, accepted, refused, upgraded
        case received, pongReceived, closeReceived, closeRequested
        case queueDrained, transportEnded
        case referenceRetained, referenceReleased
        case turnEnded, deadlineReached
    }
}
