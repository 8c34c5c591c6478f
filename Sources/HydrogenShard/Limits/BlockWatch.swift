import HydrogenProtocol

/// A block, as an operator sees it.
package struct BlockDescription: Sendable {
    package var offender: Offender
    /// What the last offence was about.
    package var reason: OffenceReason
    package var since: WallTime
    package var until: Instant
    /// How long it lasts.
    package var duration: Interval
    /// Blocking is on trial: nobody is shut out.
    package var isDryRun: Bool

    /// The series of `blocked` and `blocks_total` that it counts in.
    var series: Int {
        (self.offender.identity == nil ? 0 : OffenceReason.allCases.count) + self.reason.rawValue
    }
}

/// The blocks that this loop has set and that have not ended. Who is shut out the ledger says; here is when their ends
/// are to be counted and told, and what an operator asks for. As many at most as the ledger's tables hold.
struct BlockWatch {
    /// nil where a slot is free.
    private var blocks = SlotTable<BlockDescription?>()
    private var ends = DeadlineHeap()

    var earliestEnd: Instant? { self.ends.earliest }

    /// All of them, in the order of their places.
    var all: [BlockDescription] { self.blocks.slots.compactMap { self.blocks[$0] } }

    mutating func insert(_ block: BlockDescription) {
        self.ends.set(block.until, for: self.blocks.insert(block))
    }

    /// Takes out a block that has ended.
    mutating func takeEnded(at now: Instant) -> BlockDescription? {
        self.ends.popDue(at: now).flatMap { self.take($0) }
    }

    /// Takes out all blocks of an address and of identities there; of any, if nil.
    mutating func takeAll(of address: CountedAddress?) -> [BlockDescription] {
        self.blocks.slots.compactMap { slot in
            guard let block = self.blocks[slot], address == nil || block.offender.address == address else { return nil }
            self.ends.set(nil, for: slot)
            return self.take(slot)
        }
    }

    private mutating func take(_ slot: UInt32) -> BlockDescription? {
        self.blocks.remove(slot)
        return self.blocks[slot].take()
    }
}
