import HydrogenProtocol

/// The bucket of an identity, which all of its connections share, on whatever loop.
typealias IdentityBucket = SpinLocked<IdentityAccount>

struct IdentityAccount: Sendable {
    let identity: String
    var messages: TokenBucket
}

/// The buckets of `messages_per_identity`. A connection looks its own up once and keeps it; a message then costs one
/// short lock of that bucket.
///
/// A bucket stays as long as its identity has a connection, and after that until it is full, so that nobody refills it
/// by coming back. Of those that wait to be full at most `maximumIdleCount` are kept: the fullest goes first. Identities
/// come from keys and tickets, so a stranger cannot make them.
struct IdentityBuckets: Sendable {
    private struct Member {
        var bucket: IdentityBucket
        var connectionCount: Int
    }

    let maximumIdleCount: Int
    private var slots: [String: UInt32] = [:]
    private var members = SlotTable<Member>()
    /// Those without a connection, by when their bucket is full.
    private var idle = DeadlineHeap()

    init(maximumIdleCount: Int) { self.maximumIdleCount = maximumIdleCount }

    var count: Int { self.slots.count }

    /// The bucket of an identity, for one connection more.
    mutating func join(_ identity: String, at now: Instant) -> IdentityBucket {
        self.forgetFull(at: now)
        if let slot = self.slots[identity] {
            self.members[slot].connectionCount += 1
            self.idle.set(nil, for: slot)
            return self.members[slot].bucket
        }
        let bucket = IdentityBucket(IdentityAccount(identity: identity, messages: TokenBucket(fullAt: now)))
        self.slots[identity] = self.members.insert(Member(bucket: bucket, connectionCount: 1))
        return bucket
    }

    /// A connection that has joined has ended.
    /// - Parameter limit: the limit now; without one there is nothing to remember.
    mutating func leave(_ bucket: IdentityBucket, _ limit: RateLimit?, at now: Instant) {
        guard let slot = self.slots[bucket.withLock { $0.identity }] else { return }
        self.members[slot].connectionCount -= 1
        guard self.members[slot].connectionCount == 0 else { return }
        self.idle.set(limit.map { limit in bucket.withLock { $0.messages.fullAt(limit) } } ?? now, for: slot)
        self.forgetFull(at: now)
        if self.idle.count > self.maximumIdleCount, let fullest = self.idle.popEarliest() { self.remove(fullest) }
    }

    private mutating func forgetFull(at now: Instant) {
        while let slot = self.idle.popDue(at: now) { self.remove(slot) }
    }

    private mutating func remove(_ slot: UInt32) {
        self.slots[self.members[slot].bucket.withLock { $0.identity }] = nil
        self.members.remove(slot)
    }
}
