import HydrogenProtocol

/// What is remembered of one address, or of one identity at an address.
struct OffenderRecord: Sendable {
    let offender: Offender
    /// `connections_per_address`, and when it is full again.
    private var connections: TokenBucket
    private var connectionsFullAt: Instant
    /// Answers given while limited or blocked.
    var answers = OccurrenceWindow()
    private var offences = OccurrenceWindow()
    /// When the last offence is out of the window.
    private var offencesEndAt: Instant
    /// The end of the last block; it may have passed.
    private var blockEndAt: Instant?
    private var isBlockDryRun = false
    /// Blocks in a row, each within a day of the one before.
    private var blockNumber = 0

    init(_ offender: Offender, at now: Instant) {
        self.offender = offender
        self.connections = TokenBucket(fullAt: now)
        self.connectionsFullAt = now
        self.offencesEndAt = now
    }

    /// Until when it must not be forgotten: while it shuts out or limits.
    var neededUntil: Instant { max(self.connectionsFullAt, self.blockEndAt ?? self.connectionsFullAt) }

    /// Until when it differs at all from a new one: with offences that count, and blocks that double the next.
    var rememberedUntil: Instant {
        let end = max(self.connectionsFullAt, self.offencesEndAt)
        return self.blockEndAt.map { max($0 + BlockingPolicy.memory, end) } ?? end
    }

    /// When the block that shuts it out now ends; nil if nothing does.
    func blockEnd(at now: Instant) -> Instant? {
        guard let end = self.blockEndAt, now < end, !self.isBlockDryRun else { return nil }
        return end
    }

    /// Charges a new connection; how long to wait if there was no token.
    mutating func chargeConnection(_ limit: RateLimit, at now: Instant) -> Interval? {
        let wait = self.connections.take(1, limit, at: now)
        self.connectionsFullAt = self.connections.fullAt(limit)
        return wait
    }

    /// Counts an offence. During a block nothing counts, and after it the count begins anew.
    /// - Returns: the end of the block that it caused; nil for none.
    mutating func offend(_ blocking: BlockingPolicy, at now: Instant) -> Instant? {
        if let end = self.blockEndAt, now < end { return nil }
        guard self.offences.record(at: now, limit: blocking.after, within: blocking.window) else {
            self.offencesEndAt = now + blocking.window
            return nil
        }
        self.offences = OccurrenceWindow()
        let isRepeated = self.blockEndAt.map { now - $0 < BlockingPolicy.memory } ?? false
        self.blockNumber = isRepeated && !KnownBug.blockNeverDoubles.isLoose ? self.blockNumber + 1 : 1
        let end = now + blocking.duration(ofBlock: self.blockNumber)
        self.blockEndAt = end
        self.isBlockDryRun = blocking.isDryRun
        return end
    }

    /// An operator forgives: the block ends, and the next one is a first one.
    mutating func forgive() {
        self.blockEndAt = nil
        self.blockNumber = 0
        self.offences = OccurrenceWindow()
    }
}
