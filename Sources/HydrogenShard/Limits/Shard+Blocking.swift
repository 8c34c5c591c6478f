import HydrogenConnection
import HydrogenProtocol

/// Offences, and the blocks that follow from too many of them.
extension Shard {
    /// An error was told to a connection, or ends it: counts it, if it is an offence, against its address or, once it
    /// has authenticated, against its identity there.
    mutating func offend(_ error: ErrorCode, slot: Int, at now: Moment) {
        guard self.policy.limits.blocking != nil else { return }
        let address = CountedAddress(self.connections[slot].peer)
        self.offend(error, Offender(address, identity: self.connections[slot].grant?.identity), at: now)
    }

    mutating func offend(_ error: ErrorCode, _ offender: Offender, at now: Moment) {
        guard let blocking = self.policy.limits.blocking,
            let reason = offender.identity == nil
                ? error.offenceBeforeAuthentication : error.offenceAfterAuthentication,
            let end = self.ledger.offend(offender, blocking, at: now.instant)
        else { return }
        self.blockBegan(
            BlockDescription(
                offender: offender, reason: reason, since: now.wall, until: end, duration: end - now.instant,
                isDryRun: blocking.isDryRun), at: now)
    }

    private mutating func blockBegan(_ block: BlockDescription, at now: Moment) {
        self.counters.add(self.metrics.blocks[block.series])
        self.effects.append(.log(.blocked(block)))
        guard !block.isDryRun else { return }
        self.counters.add(self.metrics.blocked[block.series])
        self.blocks.insert(block)
        // The block of an address closes nothing: who is authenticated there had nothing to do with it.
        guard block.offender.identity != nil else { return }
        self.closeConnections(of: block.offender, at: now)
        for loop in 0..<self.places.loopCount where loop != self.loop {
            self.blockNotices.append((block.offender, loop))
        }
        self.sendBlockNotices(at: now)
    }

    /// Closes the connections that an identity has from an address on this loop.
    mutating func closeConnections(of offender: Offender, at now: Moment) {
        for slot in self.connections.slotIndices where self.connections.isInUse(slot) {
            guard let identity = self.connections[slot].grant?.identity, identity == offender.identity,
                CountedAddress(self.connections[slot].peer) == offender.address
            else { continue }
            self.step(.closeRequested(.rateExceeded, reason: .connectionBlocked), slot: slot, at: now)
        }
    }

    /// Tells the other loops whom to close. Where a mailbox has no place now, again a little later: a block that one
    /// loop never heard of would leave connections open.
    mutating func sendBlockNotices(at now: Moment) {
        self.nextBlockNotice = nil
        for _ in 0..<self.blockNotices.count {
            guard let (offender, loop) = self.blockNotices.popFirst() else { break }
            if self.places.reserve(of: .events, at: loop) {
                self.effects.append(.post(.identityBlocked(offender), to: loop))
            } else {
                self.blockNotices.append((offender, loop))
                self.nextBlockNotice = now.instant + Self.blockNoticePause
            }
        }
    }

    private static let blockNoticePause = Interval.milliseconds(10)

    /// Blocks whose time is over are counted and told; notices that found no place go out.
    mutating func advanceBlocks(to now: Moment) {
        while let block = self.blocks.takeEnded(at: now.instant) { self.blockEnded(block, .expired) }
        if let notice = self.nextBlockNotice, notice <= now.instant { self.sendBlockNotices(at: now) }
    }

    /// An operator's wish: those of an address end, and are forgotten.
    /// - Returns: how many this loop had set.
    mutating func liftBlocks(of address: CountedAddress, at now: Moment) -> Int {
        let lifted = self.blocks.takeAll(of: address)
        for block in lifted {
            self.ledger.forgive(block.offender, at: now.instant)
            self.blockEnded(block, .lifted)
        }
        return lifted.count
    }

    /// A reload: where blocks do not hold any more, none goes on.
    mutating func replacePolicy(by policy: ShardPolicy, at now: Moment) {
        self.policy = policy
        self.signedActions = SignedActionTable(policy.signedActions, channels: self.channels)
        guard !policy.limits.enforcesBlocks else { return }
        for block in self.blocks.takeAll(of: nil) {
            self.ledger.forgive(block.offender, at: now.instant)
            self.blockEnded(block, .lifted)
        }
    }

    private mutating func blockEnded(_ block: BlockDescription, _ cause: BlockEnd) {
        self.counters.add(self.metrics.blocked[block.series], -1)
        self.effects.append(.log(.blockEnded(block, cause)))
    }
}
