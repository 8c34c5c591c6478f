import HydrogenProtocol

/// A part of an `OffenderTable`: records by offender, at most `maximumCount`.
///
/// **Who is forgotten.** A record is *needed* while it shuts out (a block) or limits (a bucket that is not full). After
/// that it is *remembered* for what it would change later: offences within the window, blocks within a day. Then it is
/// as good as a new one. A new offender takes the place of a record that nobody would miss; without one, of the
/// remembered record that would be forgotten first; never of a needed one. So a flood of new addresses frees nobody who
/// is blocked, and refills no bucket.
///
/// **When every record is needed**, a new offender gets none. New addresses then share the buckets of an overflow cell,
/// chosen by a salted hash: they are limited together, so that this can only refuse more, never less. Their offences do
/// not count: whoever has filled the table could otherwise have everybody else in the cell blocked.
struct OffenderStripe: Sendable {
    private struct Overflow {
        var connections: TokenBucket
        var answers = OccurrenceWindow()
    }

    /// A blocked or limited address gets so many answers a second.
    static let answersPerSecond = 10
    /// Each new record makes an end of so many that nobody would miss, so that the table is no larger than it must be.
    private static let sweepCount = 2

    let maximumCount: Int
    private var slots: [Offender: UInt32] = [:]
    private var records = SlotTable<OffenderRecord>()
    /// Needed ones, by when they stop being needed.
    private var needed = DeadlineHeap()
    /// All others, by when nobody would miss them.
    private var remembered = DeadlineHeap()
    private var overflow: [Overflow]

    init(maximumCount: Int, overflowCount: Int) {
        self.maximumCount = maximumCount
        self.overflow = (0..<overflowCount).map { _ in
            Overflow(connections: TokenBucket(fullAt: Instant(nanoseconds: 0)))
        }
    }

    var count: Int { self.slots.count }

    func blockEnd(of offender: Offender, at now: Instant) -> Instant? {
        self.slots[offender].flatMap { self.records[$0].blockEnd(at: now) }
    }

    mutating func chargeConnection(
        of offender: Offender, hash: UInt64, _ limit: RateLimit, at now: Instant
    ) -> Interval? {
        guard let slot = self.slot(for: offender, at: now) else {
            return self.overflow[self.overflowIndex(hash)].connections.take(1, limit, at: now)
        }
        defer { self.file(slot, at: now) }
        return self.records[slot].chargeConnection(limit, at: now)
    }

    /// Whether one more answer may go to an address that is blocked or limited.
    mutating func takeAnswer(of offender: Offender, hash: UInt64, at now: Instant) -> Bool {
        guard let slot = self.slots[offender] else {
            return self.overflow[self.overflowIndex(hash)].answers
                .admit(at: now, limit: Self.answersPerSecond, within: .seconds(1))
        }
        return self.records[slot].answers.admit(at: now, limit: Self.answersPerSecond, within: .seconds(1))
    }

    mutating func offend(_ offender: Offender, _ blocking: BlockingPolicy, at now: Instant) -> Instant? {
        guard let slot = self.slot(for: offender, at: now) else { return nil }
        defer { self.file(slot, at: now) }
        return self.records[slot].offend(blocking, at: now)
    }

    mutating func forgive(_ offender: Offender, at now: Instant) {
        guard let slot = self.slots[offender] else { return }
        self.records[slot].forgive()
        self.file(slot, at: now)
    }

    private func overflowIndex(_ hash: UInt64) -> Int { Int(hash % UInt64(self.overflow.count)) }

    /// The record of an offender, made if there is none; nil if there is no place for it.
    private mutating func slot(for offender: Offender, at now: Instant) -> UInt32? {
        if let slot = self.slots[offender] { return slot }
        for _ in 0..<Self.sweepCount {
            self.settleOne(at: now)
            if let slot = self.remembered.popDue(at: now) { self.remove(slot) }
        }
        if self.slots.count == self.maximumCount {
            guard let slot = self.leastMissed(at: now) else { return nil }
            self.remove(slot)
        }
        let slot = self.records.insert(OffenderRecord(offender, at: now))
        self.slots[offender] = slot
        return slot
    }

    /// Puts a record where it belongs after a change.
    private mutating func file(_ slot: UInt32, at now: Instant) {
        let neededUntil = self.records[slot].neededUntil
        let isNeeded = neededUntil > now
        self.needed.set(isNeeded ? neededUntil : nil, for: slot)
        self.remembered.set(isNeeded ? nil : self.records[slot].rememberedUntil, for: slot)
    }

    /// Takes the record that is missed least out of the heaps; nil if all are needed.
    private mutating func leastMissed(at now: Instant) -> UInt32? {
        while self.settleOne(at: now) {}
        return self.remembered.popEarliest()
    }

    /// Files a record that is not needed any more as one to remember.
    /// - Returns: whether there was one.
    @discardableResult
    private mutating func settleOne(at now: Instant) -> Bool {
        guard let slot = self.needed.popDue(at: now) else { return false }
        self.remembered.set(self.records[slot].rememberedUntil, for: slot)
        return true
    }

    private mutating func remove(_ slot: UInt32) {
        self.slots[self.records[slot].offender] = nil
        self.records.remove(slot)
    }
}
