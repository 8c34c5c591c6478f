import HydrogenConnection
import HydrogenProtocol

/// One slot of the connection table: everything a loop knows of a connection.
struct Connection {
    /// Which tenant of the slot this is; rises by one each time the slot is given out.
    var generation: UInt32 = 0
    // What a heartbeat touches, and each message, stands first and side by side. With thousands of connections none of it
    // is in the cache when its turn comes.
    var machine: ConnectionStateMachine
    /// The chain of frames of this pass in `OutgoingFrames`.
    var firstFrame = OutgoingFrames.none
    var lastFrame = OutgoingFrames.none
    /// Whether this pass has it on the list of those to flush.
    var isOnFlushList = false
    /// Whether a message is not whole yet: its fragments are in `inbound`.
    var isMessageOpen = false
    /// Whether `writable` was asked for and did not come yet.
    var awaitsWritable = false
    var receivedCount: UInt64 = 0
    var sentCount: UInt64 = 0
    /// What an earlier pass could not send; nil while the peer keeps up.
    var backlog: Backlog?

    var peer: PeerAddress
    var acceptedAt: Instant
    var acceptedWall: WallTime
    var subprotocol: Subprotocol = .hydrogen
    /// What the handshake's key allows; nil before it was checked.
    var grant: Grant?
    /// Slot of its session, or `SessionTable.none`.
    var session: UInt32 = SessionTable.none
    /// Slot of its attachment to a session of another loop, or `AttachmentTable.none`.
    var attachment: UInt32 = AttachmentTable.none
    /// Whether the home of a session is asked for it.
    var isResuming = false
    /// Whether something was done in its own session, which a `resume` would lose.
    var hasUsedSession = false
    /// How its address stands, while its handshake goes on.
    var standing = AddressStanding()
    /// What it used of its rates.
    var limits: ConnectionLimits
    /// Whether a place of `MaxHandshakes`, its address's share of them, and a place of `MaxConnections` is held.
    var holdsHandshakePlace = false
    var holdsHandshakeShare = false
    var holdsConnectionPlace = false

    /// The fragments of a message that is not whole yet.
    var inbound: [UInt8] = []
    var isMessageBinary = false
    var messageStartedAt = Instant(nanoseconds: 0)

    /// What its commands are signed with; nil before its session begins.
    var signingKey: SigningKey?
    /// The ids of its signed commands; nil before the first.
    var replays: ReplayTable?

    var protocolErrors = OccurrenceWindow()
    /// Commands that wait for a service.
    var commandsInFlightCount = 0
    /// Other commands whose response waits: for another loop, or for a commit.
    var owedAnswerCount = 0

    /// What is to be written in the order of offsets; frames of kind `guaranteed` take the first.
    var sendings = Queue<Sending>()

    /// Whether the reason of its end is an error that was counted already.
    var isReasonCounted = false
    /// Drain: close as soon as the responses that are due are sent.
    var closesWhenIdle = false

    init(machine: ConnectionStateMachine, peer: PeerAddress, acceptedAt: Instant, acceptedWall: WallTime) {
        self.machine = machine
        self.peer = peer
        self.acceptedAt = acceptedAt
        self.acceptedWall = acceptedWall
        self.limits = ConnectionLimits(acceptedAt: acceptedAt)
    }

    /// Makes an entry of `OutgoingFrames` the last of this pass.
    /// - Returns: whether the connection must be put on the list of those to flush.
    @inline(__always)
    mutating func chain(_ entry: UInt32) -> Bool {
        if self.firstFrame == OutgoingFrames.none { self.firstFrame = entry }
        self.lastFrame = entry
        defer { self.isOnFlushList = true }
        return !self.isOnFlushList
    }
}
