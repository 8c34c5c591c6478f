import HydrogenProtocol

/// One connection from the accepted socket to the freed context, as a pure value: it is told what happened and
/// when, changes itself, and answers with the one thing its driver must do.
///
/// It reads no clock, does no I/O and allocates nothing. The driver keeps three habits:
/// - it carries out the returned action before it hands in the next event;
/// - after each event it compares `kind` with the one before, for the metrics, and looks at `deadline(_:)` again
///   when the kind changed or the action was a ping;
/// - it hands in `transportEnded` exactly once, and `turnEnded` at the end of the turn in which that happened.
package struct ConnectionStateMachine: Sendable, Hashable {
    /// Where the connection stands.
    package internal(set) var kind: Kind
    /// The error that ends the connection, if it was one that has a name: the text of the close frame.
    package internal(set) var closeReason: ErrorCode?
    /// How many commands of this connection are at services.
    package internal(set) var references: UInt16
    /// The code of `closeCode`; 0 while there is none.
    var storedCloseCode: UInt16
    var marks: Marks
    /// When the socket was accepted, until the connection is in service; then when this kind was entered.
    var since: Instant
    /// When the peer was last heard from. Means something from `connected` to `inactive`.
    var lastReceivedAt: Instant
    /// When the last ping was asked for. Means something in `heartbeat` and `inactive`.
    var pingSentAt: Instant

    /// A socket was accepted `at` this time.
    package init(acceptedAt now: Instant) {
        self.kind = .connecting
        self.closeReason = nil
        self.references = 0
        self.storedCloseCode = 0
        self.marks = []
        self.since = now
        self.lastReceivedAt = now
        self.pingSentAt = now
    }

    /// What happened once and stays so.
    struct Marks: OptionSet, Sendable, Hashable {
        var rawValue: UInt8
        /// The driver said that the transport is gone.
        static let transportEnded = Marks(rawValue: 1)
        /// Our last word is out: the close frame, or the refusal.
        static let lastWordSent = Marks(rawValue: 2)
        /// The peer's close frame is here.
        static let closeReceived = Marks(rawValue: 4)
        /// The transport's end was forced; it follows.
        static let aborted = Marks(rawValue: 8)
    }
}

extension ConnectionStateMachine {
    /// Tells the machine what happened, and is told what to do. `now` never goes back between two calls.
    package mutating func receive(_ event: Event, at now: Instant, _ timeouts: Timeouts) -> Action {
        switch event {
        case .received: self.received(at: now)
        case .pongReceived: self.pongReceived(at: now)
        case .deadlineReached: self.deadlineReached(at: now, timeouts)
        case .queueDrained: self.queueDrained()
        case .turnEnded: self.turnEnded(at: now)
        case .referenceRetained: self.referenceRetained()
        case .referenceReleased: self.referenceReleased(at: now)
        case .requestRead: self.requestRead()
        case .accepted: self.accepted()
        case .refused: self.refused(at: now)
        case .upgraded: self.upgraded(at: now)
        case .closeReceived(let code): self.closeReceived(code, at: now)
        case .closeRequested(let code, let reason): self.closeRequested(code, reason, at: now)
        case .transportEnded: self.transportEnded(at: now)
        }
    }

    /// The code that `hydrogen_connections_closed_total` counts: the one with which the side that began to close
    /// did so; 1005 when the peer's close frame had none, 1006 when the transport was lost before either side
    /// began. Nil for a connection that is not closing or was never established.
    package var closeCode: UInt16? { self.storedCloseCode == 0 ? nil : self.storedCloseCode }

    /// Whether commands of the peer are taken.
    package var acceptsWork: Bool { self.kind.isInService }

    /// Whether what is published may be delivered at all.
    package var canDeliver: Bool { self.kind.isInService }

    /// Whether an event may enter the send queue: a peer that missed its heartbeat is spared what it can miss.
    package func canQueue(_ priority: Priority, isGuaranteed: Bool) -> Bool {
        switch self.kind {
        case .connected, .heartbeat: true
        case .inactive: isGuaranteed || priority <= .high
        case .connecting, .verifying, .established, .closing, .failed, .rejected, .closed, .zombie, .freed: false
        }
    }

    /// Whether the driver has said that the transport is gone.
    package var hasTransport: Bool { !self.marks.contains(.transportEnded) }

    /// The one place where a kind that has a time of its own begins.
    mutating func enter(_ kind: Kind, at now: Instant) {
        self.kind = kind
        self.since = now
    }

    /// Our own bug: nothing changes here. The driver traps in debug builds and simulations; in release builds it
    /// counts, logs, and hands in `closeRequested(.internalError)`, which every kind can take.
    func unreachable(_ error: ProgrammingError) -> Action { .programmingError(error) }
}
