import HydrogenProtocol

/// A publish whose response waits for other loops: for the keeper of its key, or for their counts of receivers.
struct Publication {
    var connection: ConnectionID
    /// The decoded id of the command.
    var id: [UInt8]
    var event: PublishedEvent
    var wantsCount: Bool
    var receivedAt: Instant
    /// Loops that have not told their number yet.
    var awaitedCount = 0
    var receiverCount = 0
}

/// The publications of one loop that wait for others. Each holds places in mailboxes, which bounds their number.
struct PublicationTable {
    private var slots: [Publication] = []
    private var freeSlots: [UInt32] = []

    mutating func insert(_ publication: consuming Publication) -> UInt32 {
        guard let slot = self.freeSlots.popLast() else {
            self.slots.append(publication)
            return UInt32(self.slots.count - 1)
        }
        self.slots[Int(slot)] = publication
        return slot
    }

    mutating func remove(_ slot: UInt32) {
        self.freeSlots.append(slot)
    }

    subscript(slot: UInt32) -> Publication {
        _read { yield self.slots[Int(slot)] }
        _modify { yield &self.slots[Int(slot)] }
    }
}
