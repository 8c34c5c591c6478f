import HydrogenConnection
import HydrogenProtocol

/// What is decided about an address: at accept, and again when the request is read.
extension Shard {
    /// Looks at the address of a new socket, unless it is a trusted proxy's.
    /// - Returns: nil if it must be closed at once: it is blocked or limited, and had its answers for this second.
    mutating func admit(_ peer: PeerAddress, at now: Moment) -> AddressStanding? {
        guard !self.policy.limits.trusts(peer) else { return AddressStanding(isForwarded: true) }
        return self.chargeConnection(of: CountedAddress(peer), at: now)
    }

    /// The request was read: a proxy's names the address, and any other may have been blocked since its accept.
    /// - Returns: false if it gets no answer.
    mutating func settleAddress(of slot: Int, _ request: HandshakeRequest, at now: Moment) -> Bool {
        if self.connections[slot].standing.isForwarded {
            let client = ForwardedAddress.client(
                behind: self.connections[slot].peer, request.forwardedFor, self.policy.limits)
            self.connections[slot].peer = client
            guard self.reserveHandshakeShare(of: CountedAddress(client)) else {
                self.count(.connectionCapacity)
                return false
            }
            self.connections[slot].holdsHandshakeShare = true
            guard let standing = self.chargeConnection(of: CountedAddress(client), at: now) else { return false }
            self.connections[slot].standing = standing
            return true
        }
        let address = CountedAddress(self.connections[slot].peer)
        self.connections[slot].standing.blockedUntil = self.blockEnd(of: Offender(address), at: now)
        guard self.connections[slot].standing.blockedUntil != nil, !self.connections[slot].standing.holdsAnswer
        else { return true }
        self.connections[slot].standing.holdsAnswer = true
        return self.takeAnswer(for: address, .connectionBlocked, at: now)
    }

    /// When the block of an offender ends; nil if nothing shuts it out.
    func blockEnd(of offender: Offender, at now: Moment) -> Instant? {
        guard self.policy.limits.enforcesBlocks else { return nil }
        return self.ledger.blockEnd(of: offender, at: now.instant)
    }

    /// Takes one of the handshakes in progress that an address may have: a tenth of all.
    func reserveHandshakeShare(of address: CountedAddress) -> Bool {
        self.ledger.reserveHandshakeShare(of: address, maximum: max(1, self.configuration.maxHandshakes / 10))
    }

    private mutating func chargeConnection(of address: CountedAddress, at now: Moment) -> AddressStanding? {
        if let end = self.blockEnd(of: Offender(address), at: now) {
            guard self.takeAnswer(for: address, .connectionBlocked, at: now) else { return nil }
            return AddressStanding(blockedUntil: end, holdsAnswer: true)
        }
        guard let limit = self.policy.limits.connectionsPerAddress,
            let wait = self.ledger.chargeConnection(of: address, limit, at: now.instant)
        else { return AddressStanding() }
        self.counters.add(self.metrics.rateLimited[LimitName.connectionsPerAddress.rawValue])
        guard !limit.isDryRun else {
            self.reportDryRun(.connectionsPerAddress, Offender(address), at: now)
            return AddressStanding()
        }
        guard self.takeAnswer(for: address, .connectionRateLimited, at: now) else {
            self.offend(.connectionRateLimited, Offender(address), at: now)
            return nil
        }
        return AddressStanding(limitedUntil: now.instant + wait, holdsAnswer: true)
    }

    /// Whether this address gets one more answer; if not, the error that is not told is counted all the same.
    private mutating func takeAnswer(for address: CountedAddress, _ error: ErrorCode, at now: Moment) -> Bool {
        if self.ledger.takeAnswer(of: address, at: now.instant) { return true }
        self.count(error)
        return false
    }
}
