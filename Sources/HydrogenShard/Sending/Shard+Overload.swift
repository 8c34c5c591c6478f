import HydrogenConnection
import HydrogenProtocol

/// What a loop holds for its peers: frames that wait for slow readers, and messages that are not whole yet. Each connection
/// has a bound of its own; this is the one for all together.
extension ShardConfiguration {
    /// As much as a sixteenth of a loop's connections may hold at most, and no fewer than 16 of them: far more than slow
    /// readers take together on a good day, and far less than all of them could take.
    func maximumHeldByteCount(loopCount: Int) -> Int {
        self.maxSendQueueBytes * max(16, self.maxConnections / loopCount / 16)
    }
}

extension Shard {
    /// Notes that so many bytes more (or less) wait for slow readers.
    mutating func countQueued(_ byteCount: Int) {
        self.counters.add(self.metrics.sendQueueBytes[0], Int64(byteCount))
        self.heldByteCount += byteCount
    }

    /// After more is held: beyond the bound the youngest connections go, with 4503.
    @inline(__always)
    mutating func keepWithinBound(at now: Moment) {
        if self.heldByteCount > self.maximumHeldByteCount { self.shed(at: now) }
    }

    private mutating func shed(at now: Moment) {
        while self.heldByteCount > self.maximumHeldByteCount, let slot = self.nextToShed() {
            self.releaseQueue(slot)
            self.close(slot, .overload, because: .connectionOverload, at: now)
        }
    }

    /// What a connection has that takes room.
    private enum Load { case queue, message }

    /// One that is closing anyway, else one that does not read, else one in the middle of a message.
    private func nextToShed() -> Int? {
        let closing = self.connections.slotIndices.first {
            self.byteCount(of: .queue, slot: $0) + self.byteCount(of: .message, slot: $0) > 0
                && !self.connections[$0].machine.acceptsWork
        }
        return closing ?? self.youngest(with: .queue) ?? self.youngest(with: .message)
    }

    /// The youngest of those with at least half of what is usual: who is behind for a moment is not to go for those who
    /// read nothing at all.
    private func youngest(with load: Load) -> Int? {
        var (count, byteCount) = (0, 0)
        for slot in self.connections.slotIndices where self.byteCount(of: load, slot: slot) > 0 {
            count += 1
            byteCount += self.byteCount(of: load, slot: slot)
        }
        guard count > 0 else { return nil }
        let least = max(byteCount / count / 2, 1)
        var youngest: Int?
        for slot in self.connections.slotIndices where self.byteCount(of: load, slot: slot) >= least {
            if let other = youngest, self.connections[other].acceptedAt > self.connections[slot].acceptedAt { continue }
            youngest = slot
        }
        return youngest
    }

    private func byteCount(of load: Load, slot: Int) -> Int {
        switch load {
        case .queue: self.connections[slot].backlog?.byteCount ?? 0
        case .message: self.connections[slot].inbound.count
        }
    }

    /// Drops what was queued and not sent, and a message that is not whole.
    mutating func releaseQueue(_ slot: Int) {
        self.countQueued(-(self.connections[slot].backlog?.byteCount ?? 0))
        self.connections[slot].backlog = nil
        self.connections[slot].sendings = Queue()
        self.connections[slot].firstFrame = OutgoingFrames.none
        self.connections[slot].lastFrame = OutgoingFrames.none
        self.releaseMessage(slot)
    }

    /// Drops a message that is not whole.
    mutating func releaseMessage(_ slot: Int) {
        self.heldByteCount -= self.connections[slot].inbound.count
        self.connections[slot].inbound = []
        self.connections[slot].isMessageOpen = false
    }
}
