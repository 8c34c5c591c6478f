import HydrogenProtocol

/// One client of a Hydrogen server: its lifecycle, session, commands, subscriptions and acknowledgements, over any
/// number of connections. It is told what happened and what time it is; what must be done comes back as effects. It
/// does no I/O, reads no clock, and draws its jitter from a seed, so the driver on libwebsockets and the simulator run
/// the same code.
///
/// After each call the driver polls `nextEffect()` until it is nil, before it lets go of the bytes that it handed in.
package struct ClientCore: Sendable {
    package let configuration: ClientConfiguration
    var machine: ClientStateMachine

    /// The session that is spoken in, or that is to be resumed.
    package internal(set) var session: SessionCredentials?
    /// Counts the sessions that were begun, from 1; 0 before the first.
    package internal(set) var sessionNumber: UInt32 = 0
    /// While a session is being resumed: the one that the connection came with.
    var freshSession: SessionCredentials?
    /// A guaranteed event of the fresh session was passed over while another one was being resumed.
    var hasMissedFreshEvent = false
    /// The command `system/resume` that is on its way.
    var resumeCommand: CommandNumber = 0
    var maxMessageBytes = Int.max
    /// Signs the commands of this connection; nil where nothing is to be signed.
    var signer: CommandSigner?

    var ledger = OffsetLedger()
    /// When acknowledgements go at the latest.
    var acknowledgeAt: Instant?

    var commands = CommandList()
    var lastCommand: CommandNumber = 0
    var subscriptions = SubscriptionList()
    /// What the last error asked for, over this connection.
    var lastRetryAfter: Interval?

    /// The last message that was handed in: ranges of its bytes. It means something while its effects are polled.
    package internal(set) var message = ServerMessage()
    private var effects: [ClientEffect] = []
    private var nextEffectIndex = 0
    /// Messages that are to be sent.
    var outgoing: [UInt8] = []

    /// A buffer beyond this is given back when it is empty.
    private static let keptCapacity = 4096

    /// - Parameter seed: What the jitter of the back-off is drawn from; each client has its own.
    package init(configuration: ClientConfiguration = ClientConfiguration(), seed: UInt64) {
        self.configuration = configuration
        self.machine = ClientStateMachine(seed: seed)
    }

    /// Where the client stands.
    package var kind: ClientStateMachine.Kind { self.machine.kind }
    /// Why it has ended, or is about to; nil while it lives.
    package var end: ClientStateMachine.End? { self.machine.end }
    /// Commands that are not answered yet.
    package var pendingCommandCount: Int { self.commands.count }
    /// Subscriptions that are kept.
    package var subscriptionCount: Int { self.subscriptions.kept.count }
    /// The highest offset up to which everything is handled: where a resume goes on.
    package var handledOffset: Int64 { self.ledger.floor }
    /// Guaranteed events that were delivered and are not acknowledged.
    package var unacknowledgedCount: Int { self.ledger.outstanding.count }
    /// While `waiting`: when the next attempt begins.
    package var nextAttemptAt: Instant? { self.machine.kind == .waiting ? self.machine.wakeAt : nil }

    /// What is to be done next, in order.
    package mutating func nextEffect() -> ClientEffect? {
        guard self.nextEffectIndex == self.effects.count else {
            self.nextEffectIndex += 1
            return self.effects[self.nextEffectIndex - 1]
        }
        self.nextEffectIndex = 0
        self.effects.removeAll(keepingCapacity: true)
        self.outgoing.removeAll(keepingCapacity: self.outgoing.capacity <= Self.keptCapacity)
        return nil
    }

    /// The bytes of an effect `send`.
    package func withOutgoing<Result: ~Copyable>(_ range: ByteRange, _ body: (Span<UInt8>) -> Result) -> Result {
        self.outgoing.span.withBytes(range, body)
    }

    mutating func append(_ effect: ClientEffect) { self.effects.append(effect) }
}
