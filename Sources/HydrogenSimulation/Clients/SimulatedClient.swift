import HydrogenClientCore
import HydrogenProtocol

/// One client: the core that real clients run, the script that tells it what to do, and its own chance.
struct SimulatedClient {
    let group: Int32
    let numberInGroup: Int
    var core: ClientCore
    /// Its connection, or `LinkTable.none`.
    var link = LinkTable.none
    var connectionCount = 0
    /// Counts its sessions.
    var session: UInt32 = 0
    /// Rises when its machine loses its power: what was planned for it before is void.
    var life: UInt32 = 0
    /// Whether it takes part by now, and has power.
    var isOn = false
    /// When its core is woken; nil: not at all.
    var armedDeadline: Int64?

    var script = ScriptState()
    /// Of its script, its faults, and its path through the network.
    var choices: Generator
    var faults: Generator
    var network: Generator
    var stepCount = 0
    var strikeCount = 0
    var commandCount: Int64 = 0

    /// Commands that are not answered, and when they were sent.
    var pending: [(number: CommandNumber, sentAt: Int64)] = []
    /// What it subscribed to: the compiled subscription, and the core's number.
    var subscriptions: [(plan: Int, number: SubscriptionNumber)] = []
    /// The highest offset of its session that it was told of.
    var received: Int64 = 0
    /// Whose session it is about to take, and which one of that client's.
    var victim: (client: UInt32, session: UInt32)?
    /// Guaranteed events that it does not handle for the moment; nil: it handles each at once.
    var held: [(reference: EventReference, id: [UInt8])]?
    /// When it began to try to be served; nil while it is.
    var attemptingSince: Int64?
    /// It sent the beginning of a message that it will never finish: nothing else can follow.
    var hasUnfinishedMessage = false
    /// What it connects with, where its group uses tickets.
    var ticket: HeldTicket?
    /// The signed command that it sent last, and the last one that was served, also on an earlier connection.
    var signedUnderWay: SignedCommand?
    var servedSigned: SignedCommand?
    /// Something that it never meant to send was put into its connection, so that the server may turn it away for good.
    var wasSabotaged = false
    /// It stopped to read by chance, and goes on by itself.
    var isStalled = false
    /// Its network is gone; what it sends waits.
    var isVanished = false
    /// It sends nothing.
    var isSilent = false

    // These are asked often. As they are mutating, nothing is copied to ask.

    @inline(__always)
    mutating func coreDeadline() -> Instant? { self.core.nextDeadline }

    @inline(__always)
    mutating func isResuming() -> Bool { self.core.kind == .resuming }
}

/// Where a client's script is.
struct ScriptState {
    /// The next instruction.
    var next = 0
    /// Which run of the script this is: a wake-up of an earlier one is void.
    var run: UInt32 = 0
    var isRunning = false
    /// The command whose answer it waits for.
    var awaited: CommandNumber = 0
    /// How often each loop that it is in goes on; by depth.
    var counters = InlineArray<8, Int32>(repeating: 0)
    /// What is left of a flood.
    var floodLeft = 0
}
