import HydrogenProtocol
import HydrogenShard

/// One loop of the simulated server: a shard, and what its driver remembers.
final class SimulatedLoop {
    let index: LoopIndex
    var shard: Shard
    /// The link of each slot of the shard.
    private var linkOfSlot: [UInt32] = []
    /// When the timer is armed to, and which arming this is.
    var armedDeadline: Instant?
    var armingNumber: UInt32 = 0
    /// Whether what happens now belongs to a pass whose end is still to come.
    var isPassOpen = false
    /// Connections to be ended at once, at the end of the pass.
    var condemned: [ConnectionID] = []
    /// The latest arrival of mail from each loop: the mail of one loop is never overtaken by its own.
    var lastMailAt: [Instant]
    var waitingMailCount = 0
    var isDrained = false
    /// The policy that its shard has by now.
    var policy: ShardPolicy
    /// Sockets that this loop accepted, those that its shard closed at once among them.
    var acceptedCount: Int64 = 0
    var closedAtAcceptCount: Int64 = 0

    init(index: LoopIndex, shard: consuming Shard, policy: ShardPolicy, loopCount: Int) {
        self.policy = policy
        self.index = index
        self.shard = shard
        self.lastMailAt = Array(repeating: Instant(nanoseconds: 0), count: loopCount)
    }

    func setLink(_ link: UInt32, of id: ConnectionID) {
        while self.linkOfSlot.count <= Int(id.slot) { self.linkOfSlot.append(LinkTable.none) }
        self.linkOfSlot[Int(id.slot)] = link
    }

    /// The link of a connection, as far as the slot tells.
    func link(of id: ConnectionID) -> UInt32 {
        Int(id.slot) < self.linkOfSlot.count ? self.linkOfSlot[Int(id.slot)] : LinkTable.none
    }
}
