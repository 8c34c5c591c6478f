import HydrogenProtocol
import HydrogenShard

/// Rule 7: limits and blocks.
extension World {
    /// What the limits of a loop have found too much so far; nil where there is nothing to check.
    func limitCounts(of loop: SimulatedLoop) -> InlineArray<4, Int64>? {
        guard loop.policy.limits.isAny else { return nil }
        let series = self.series.rateLimited
        return InlineArray { loop.shard.value(ofMetric: series[$0]) }
    }

    /// A connection was accepted or closed at once.
    mutating func checkConnectionLimit(
        of client: UInt32, _ address: CountedAddress, _ loop: SimulatedLoop, before: InlineArray<4, Int64>?
    ) {
        guard let before, let after = self.limitCounts(of: loop) else { return }
        let fault = self.limits.connected(
            from: address, isRefused: after[0] > before[0], loop.policy.limits, at: self.clock.now.nanoseconds)
        if let fault { self.violate(7, fault, client: client) }
    }

    /// A message was handed in whole.
    mutating func checkMessageLimits(
        _ link: UInt32, byteCount: Int, _ loop: SimulatedLoop, before: InlineArray<4, Int64>?
    ) {
        guard let before, let after = self.limitCounts(of: loop) else { return }
        let verdict = LimitOracle.Verdict(
            messages: after[1] > before[1], bytes: after[2] > before[2], identity: after[3] > before[3])
        let client = self.links[link].client
        let fault = self.limits.charged(
            byteCount, to: &self.links[link].limits, identity: self.identity(of: client), verdict, loop.policy.limits,
            at: self.clock.now.nanoseconds)
        if let fault { self.violate(7, fault, client: client) }
    }

    /// Who is blocked gets no upgrade.
    mutating func checkUpgrade(of client: UInt32, _ loop: SimulatedLoop) {
        guard loop.policy.limits.blocking != nil else { return }
        let address = CountedAddress(self.address(of: client))
        let now = self.clock.now.nanoseconds
        let policy = loop.policy.limits
        for offender in [Offender(address), Offender(address, identity: self.identity(of: client))]
        where self.limits.isBlocked(offender, policy, at: now) {
            self.violate(7, "a blocked address is upgraded", client: client)
        }
    }

    /// What a loop tells its log.
    mutating func noteLog(_ record: LogRecord, of loop: SimulatedLoop) {
        if case .programmingError(_, let text) = record {
            self.violate(1, "programming error: \(text)")
        } else if case .deadLetter(let event, _, _, let session, _, let offset, _) = record {
            let fault = self.delivery.died(
                Array(session.utf8), offset: offset, hash: textHash(event.text.utf8.span), self.events.publishes)
            if let fault { self.violate(6, fault) }
        } else if case .blocked(let block) = record {
            let fault = self.limits.blocked(block, loop.policy.limits, at: self.clock.now.nanoseconds)
            if let fault { self.violate(7, fault) }
        } else if case .blockEnded(let block, .lifted) = record {
            self.limits.lifted(block.offender)
        }
    }

    /// The identity that a client's credential proves.
    private func identity(of client: UInt32) -> String {
        if let plan = self.ticketPlan(of: client) { return plan.identity }
        return self.keyIndex(of: client).map { self.scenario.server.keys[$0].identity } ?? "anonymous"
    }
}

extension LimitPolicy {
    /// Whether anything is limited, or anybody can be blocked.
    fileprivate var isAny: Bool {
        self.connectionsPerAddress != nil || self.messagesPerConnection != nil || self.bytesPerConnection != nil
            || self.messagesPerIdentity != nil || self.blocking != nil
    }
}
