import HydrogenProtocol

/// A bucket of tokens that fills at a steady rate up to its burst, and pays for what passes.
///
/// In any span of t seconds at most burst + rate · t tokens are taken, and one that was idle gives its whole burst at
/// once: both exactly, see `RateLimit`. The limit is an argument and not part of the bucket: a reload changes it while
/// the bucket keeps what it owes.
struct TokenBucket: Sendable, Hashable {
    /// What a full bucket has more, in parts of a token, at `updatedAt`.
    private var missing: UInt128 = 0
    private var updatedAt: Instant

    /// The longest wait that is told: a century. Only limits that no one can wait for need more.
    static let longestWait = Interval.seconds(3_155_760_000)

    /// A full bucket.
    init(fullAt now: Instant) { self.updatedAt = now }

    /// Takes tokens, all or none.
    /// - Parameter count: at most the burst; more than that never passes.
    /// - Returns: nil if they were there; otherwise how long to wait until they are, to the nanosecond: in the whole of
    ///   that time this bucket would have refused.
    @inline(__always)
    mutating func take(_ count: Int, _ limit: RateLimit, at now: Instant) -> Interval? {
        self.refill(limit, at: now)
        let after = self.missing &+ UInt128(truncatingIfNeeded: count) &* RateLimit.partsPerToken
        let capacity = limit.capacity
        guard after <= capacity else { return Self.wait(for: after &- capacity, limit) }
        self.missing = after
        return nil
    }

    /// When the bucket is full again if nothing is taken; a time that has passed if it is full already.
    func fullAt(_ limit: RateLimit) -> Instant { self.updatedAt + Self.wait(for: self.missing, limit) }

    /// Adds what the time since the last look has brought. A moment before that brings nothing.
    @inline(__always)
    private mutating func refill(_ limit: RateLimit, at now: Instant) {
        // Whole numbers, as `>` of another module's type would be a call through a table.
        if now.nanoseconds > self.updatedAt.nanoseconds {
            // The distance of any two instants fits into 64 bits without a sign.
            let elapsed = UInt64(bitPattern: now.nanoseconds &- self.updatedAt.nanoseconds)
            let gained = UInt128(elapsed) &* limit.partsPerNanosecond
            self.missing = self.missing > gained ? self.missing &- gained : 0
            self.updatedAt = now
        }
        // A reload may have made the burst smaller.
        self.missing = min(self.missing, limit.capacity)
    }

    /// How long a bucket needs to gain so much, rounded up.
    private static func wait(for parts: UInt128, _ limit: RateLimit) -> Interval {
        let rate = limit.partsPerNanosecond
        let nanoseconds = (parts &+ rate &- 1) / rate
        guard nanoseconds < UInt128(truncatingIfNeeded: Self.longestWait.nanoseconds) else { return Self.longestWait }
        return Interval(nanoseconds: Int64(truncatingIfNeeded: nanoseconds))
    }
}
