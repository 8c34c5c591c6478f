import HydrogenProtocol

/// What the client wants done, or tells its caller. The driver polls `ClientCore.nextEffect()` until it is nil after
/// every call, and does each in order.
package enum ClientEffect: Sendable, Hashable {
    /// Connect, with the sub-protocol `hydrogen-protocol` and the key.
    case openTransport
    /// Send a text message: these bytes of `ClientCore.withOutgoing`, which stay until the next effect is asked for.
    case send(ByteRange)
    /// Send a ping; hand in `pongReceived` for its pong.
    case sendPing
    /// Close with this code as soon as what was sent before has left; `transportEnded` must follow.
    case closeTransport(CloseCode)
    /// End the transport now; `transportEnded` must follow (`transportRefused` where it comes first).
    case abortTransport
    /// `ClientCore.kind` changed to this.
    case stateChanged(ClientStateMachine.Kind)
    /// In service. Not resumed: a new session, which has none of what was not acknowledged in the one before.
    case sessionBegan(isResumed: Bool)
    /// An event, `ClientCore.message`; to be acknowledged by its offset in this session where it has one. Repeats are
    /// dropped before.
    case event(EventReference)
    /// Offsets that will never be delivered.
    case gap(OffsetGap)
    /// A command has come to its end. Of `ok` and `failed`, `ClientCore.message` is the response.
    case answered(CommandNumber, CommandOutcome)
    /// The server has taken a subscription (again, after each new session), or refused it for good: then it is kept no
    /// more.
    case subscriptionAnswered(SubscriptionNumber, CommandOutcome)
}

/// Names a command of one client; never used again. Its decimal form is the id on the wire.
package typealias CommandNumber = UInt64

/// Names a subscription of one client; never used again.
package typealias SubscriptionNumber = UInt32

/// What an acknowledgement refers to.
package struct EventReference: Sendable, Hashable {
    /// From 1; 0: not guaranteed, nothing to acknowledge.
    package var offset: Int64
    /// Which session of this client it belongs to; see `ClientCore.sessionNumber`.
    package var session: UInt32

    package init(offset: Int64, session: UInt32) {
        self.offset = offset
        self.session = session
    }
}

/// Offsets that are missing for good, both ends included.
package struct OffsetGap: Sendable, Hashable {
    package var from: Int64
    package var to: Int64
    /// Whether the server said so. Where it did not, it has broken the contract.
    package var isAnnounced: Bool

    package init(from: Int64, to: Int64, isAnnounced: Bool) {
        self.from = from
        self.to = to
        self.isAnnounced = isAnnounced
    }
}

/// What became of a command.
package enum CommandOutcome: UInt8, Sendable, CaseIterable {
    case ok
    /// The server answered with an error.
    case failed
    /// No answer within the caller's time. Whether the server did it is not known if it was sent.
    case timedOut
    /// The connection was lost after it was sent: whether the server did it is not known.
    case connectionLost
    /// It waited for a connection, and is longer than the server there takes.
    case tooLarge
    /// The client has ended before it was sent.
    case stopped
}
