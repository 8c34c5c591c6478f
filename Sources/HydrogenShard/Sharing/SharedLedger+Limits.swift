import HydrogenProtocol

/// Limits and blocks that hold over all loops.
extension SharedLedger {
    /// When the block of an offender ends; nil if it is not blocked.
    package func blockEnd(of offender: Offender, at now: Instant) -> Instant? {
        self.table(of: offender).blockEnd(of: offender, at: now)
    }

    /// Charges a new connection to its address; how long to wait if it is over the limit.
    func chargeConnection(of address: CountedAddress, _ limit: RateLimit, at now: Instant) -> Interval? {
        self.addresses.chargeConnection(of: Offender(address), limit, at: now)
    }

    /// Whether a blocked or limited address may get one more answer this second.
    func takeAnswer(of address: CountedAddress, at now: Instant) -> Bool {
        self.addresses.takeAnswer(of: Offender(address), at: now)
    }

    /// Counts an offence; the end of the block that it caused, nil for none.
    func offend(_ offender: Offender, _ blocking: BlockingPolicy, at now: Instant) -> Instant? {
        self.table(of: offender).offend(offender, blocking, at: now)
    }

    /// Ends the block of an offender, and forgets its earlier ones.
    func forgive(_ offender: Offender, at now: Instant) { self.table(of: offender).forgive(offender, at: now) }

    private func table(of offender: Offender) -> OffenderTable {
        offender.identity == nil ? self.addresses : self.identities
    }

    /// The bucket that all connections of an identity share.
    func joinIdentity(_ identity: String, at now: Instant) -> IdentityBucket {
        self.identityBuckets.withLock { $0.join(identity, at: now) }
    }

    /// Charges something that came over no connection to an identity; how long to wait if it is over the limit.
    package func chargeMessage(to identity: String, _ limit: RateLimit, at now: Instant) -> Interval? {
        self.identityBuckets.withLock { buckets in
            let bucket = buckets.join(identity, at: now)
            defer { buckets.leave(bucket, limit, at: now) }
            return bucket.withLock { $0.messages.take(1, limit, at: now) }
        }
    }

    /// A connection that has joined has ended.
    func leaveIdentity(_ bucket: IdentityBucket, _ limit: RateLimit?, at now: Instant) {
        self.identityBuckets.withLock { $0.leave(bucket, limit, at: now) }
    }

    /// Charges a message to an identity; how long to wait if it is over the limit.
    @inline(__always)
    func chargeMessage(to bucket: IdentityBucket, _ limit: RateLimit, at now: Instant) -> Interval? {
        bucket.withLock { $0.messages.take(1, limit, at: now) }
    }
}
