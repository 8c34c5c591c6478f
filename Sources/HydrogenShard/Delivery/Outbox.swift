import HydrogenProtocol

/// The guaranteed events of one session that are not settled: acknowledged, dead or expired. A ring indexed by offset,
/// since offsets rise by one: nothing is looked up.
///
/// An entry waits until it may be sent, is queued for the connection, is sent, and settles. Whatever the connection had
/// of it waits again when the connection is gone.
struct Outbox {
    enum State: UInt8 {
        /// Acknowledged or dead: nothing is left of it.
        case settled
        /// The store does not have it yet.
        case uncommitted
        /// As `uncommitted`, and given up meanwhile: it settles as soon as the store has it.
        case doomed
        case waiting
        /// The connection has it, and has not written it yet.
        case queued
        /// Written, and not acknowledged.
        case sent
    }

    struct Entry {
        /// nil once it is settled.
        var event: PublishedEvent?
        /// When its ack is overdue; says something while it is sent.
        var dueAt = Instant(nanoseconds: 0)
        /// How often it was written.
        var attempts: UInt8 = 0
        var priority = Priority.normal
        var state = State.settled
        /// Whether it was the last event of its action when its receiver subscribed.
        var isRetained = false
    }

    /// What may be sent and unacknowledged at a time.
    struct Window {
        var eventCount: Int
        var byteCount: Int
        /// How far the first unacknowledged offset and the last one sent may be apart: who acknowledges all but one
        /// event makes no ring grow without end.
        var span: Int64
    }

    /// What a connection with room for more is to get.
    enum Next {
        case nothing
        case sending(Sending)
        /// This offset was sent as often as it may be.
        case spent(Int64)
    }

    /// A power of two of entries, or none.
    private var ring: [Entry] = []
    /// The lowest offset that is not settled; `next` if there is none.
    private(set) var first: Int64 = 1
    /// The offset of the next event.
    private(set) var next: Int64 = 1
    /// The next offset that goes to the connection.
    private(set) var cursor: Int64 = 1
    /// The first offset that is not committed; `next` if all are.
    private(set) var committedEnd: Int64 = 1
    /// The last offset that is committed.
    private(set) var lastCommitted: Int64 = 0
    /// Entries that are neither settled nor doomed.
    private(set) var count = 0
    /// Those among them that are committed.
    private(set) var committedCount = 0
    private(set) var byteCount = 0
    /// What is queued or sent.
    private(set) var inFlight = OffsetList()
    private var inFlightByteCount = 0
    /// What was queued or sent on an earlier connection, and not yet on this one.
    private(set) var returned = OffsetList()
    var gaps = GapList()
    /// When the first ack is looked for; nil: nothing is sent. Too early does no harm.
    var ackDeadline: Instant?

    /// The last offset that a client can know of.
    var last: Int64 { self.committedEnd - 1 }

    private func index(_ offset: Int64) -> Int { Int(truncatingIfNeeded: offset) & (self.ring.count - 1) }

    subscript(offset: Int64) -> Entry {
        @inline(__always) _read { yield self.ring[self.index(offset)] }
        @inline(__always) _modify { yield &self.ring[self.index(offset)] }
    }

    /// Whether something is kept under this offset.
    @inline(__always)
    func holds(_ offset: Int64) -> Bool {
        offset >= self.first && offset < self.next && self[offset].state != .settled
    }

    /// Keeps an event.
    /// - Returns: its offset.
    @discardableResult
    mutating func append(
        _ event: PublishedEvent, _ priority: Priority, isRetained: Bool, isCommitted: Bool = true
    ) -> Int64 {
        if self.next - self.first == self.ring.count { self.grow() }
        let offset = self.next
        self.next += 1
        self.count += 1
        self.byteCount += event.byteCount
        self[offset] = Entry(event: event, priority: priority, state: .uncommitted, isRetained: isRetained)
        if isCommitted { self.commit(offset) }
        if KnownBug.liveOvertakesReplay.isLoose, !self.returned.isEmpty { self.cursor = offset }
        return offset
    }

    /// Goes on where an outbox was before a restart.
    /// - Parameters:
    ///   - first: the lowest offset that is kept.
    ///   - last: the last one that was given out.
    mutating func restore(first: Int64, last: Int64) {
        self.first = first
        self.cursor = first
        self.next = first
        self.committedEnd = first
        while self.next <= last {
            if self.next - self.first == self.ring.count { self.grow() }
            self[self.next] = Entry()
            self.next += 1
        }
        self.committedEnd = self.next
        self.lastCommitted = last
    }

    /// Puts an event back under its offset, in rising order. It may have been sent before, so that its ack may come by
    /// its id, and is sent at least once more.
    mutating func restore(
        _ offset: Int64, _ event: PublishedEvent, _ priority: Priority, isRetained: Bool, maxAttempts: Int
    ) {
        self.count += 1
        self.committedCount += 1
        self.byteCount += event.byteCount
        self[offset] = Entry(
            event: event, attempts: UInt8(min(1, maxAttempts - 1)), priority: priority, state: .waiting,
            isRetained: isRetained)
        self.returned.append(offset)
    }

    /// The store has an entry.
    mutating func commit(_ offset: Int64) {
        if self[offset].state == .doomed {
            self.count += 1
            self.byteCount += self[offset].event?.byteCount ?? 0
        }
        self[offset].state = .waiting
        self.committedCount += 1
        self.lastCommitted = max(self.lastCommitted, offset)
        if self.committedEnd == offset { self.findCommittedEnd() }
    }

    /// The store will never have an entry. Its offset is given back if it is the last one, and missing otherwise.
    /// - Returns: whether it is missing.
    mutating func abort(_ offset: Int64) -> Bool {
        if self[offset].state == .uncommitted {
            self.count -= 1
            self.byteCount -= self[offset].event?.byteCount ?? 0
        }
        self[offset] = Entry()
        let isLast = offset == self.next - 1
        if isLast {
            self.next = offset
        } else if !KnownBug.refusedOffsetForgotten.isLoose {
            self.gaps.add(offset, nextSending: self.cursor)
        }
        if self.committedEnd == offset { self.findCommittedEnd() }
        self.advance()
        return !isLast
    }

    private mutating func findCommittedEnd() {
        while self.committedEnd < self.next, !self.isUndecided(self.committedEnd) { self.committedEnd += 1 }
    }

    /// Whether the store has not said whether it has an entry.
    @inline(__always)
    func isUndecided(_ offset: Int64) -> Bool {
        guard offset >= self.first, offset < self.next else { return false }
        return self[offset].state == .uncommitted || self[offset].state == .doomed
    }

    func isDoomed(_ offset: Int64) -> Bool { self.isUndecided(offset) && self[offset].state == .doomed }

    /// Gives up an entry that is not committed.
    mutating func doom(_ offset: Int64) {
        self[offset].state = .doomed
        self.count -= 1
        self.byteCount -= self[offset].event?.byteCount ?? 0
    }

    /// The lowest offset that something is kept under.
    var oldest: Int64? {
        var offset = self.first
        while offset < self.next {
            let state = self[offset].state
            if state != .settled, state != .doomed { return offset }
            offset += 1
        }
        return nil
    }

    private mutating func grow() {
        var larger = Array(repeating: Entry(), count: max(8, self.ring.count * 2))
        for offset in self.first..<self.next {
            larger[Int(truncatingIfNeeded: offset) & (larger.count - 1)] = self[offset]
        }
        self.ring = larger
    }

    /// Nothing is kept under this offset any more.
    mutating func settle(_ offset: Int64) {
        guard let event = self[offset].event else { return }
        self.count -= 1
        self.committedCount -= 1
        self.byteCount -= event.byteCount
        switch self[offset].state {
        case .queued, .sent:
            self.inFlight.remove(offset)
            self.inFlightByteCount -= event.byteCount
        case .waiting:
            if offset >= self.cursor { self.returned.remove(offset) }
        case .settled, .uncommitted, .doomed:
            break
        }
        self[offset] = Entry()
        self.advance()
    }

    /// What is settled at the start is over.
    private mutating func advance() {
        while self.first < self.next, self[self.first].state == .settled { self.first += 1 }
        self.cursor = max(self.cursor, self.first)
        // An absent client's backlog may have been long; what is usual stays.
        if self.first == self.next, self.ring.count > 64 { self.ring = [] }
    }

    /// What is to be sent next, if the window has room: it is queued from now on.
    mutating func handOver(within window: Window, maxAttempts: Int) -> Next {
        while self.cursor < self.next, self[self.cursor].state == .settled { self.cursor += 1 }
        // One at the end is told before the next offset, which the store has then: of this one nothing may be left after
        // a restart, and it is given out again.
        if let gap = self.gaps.tell(below: min(self.cursor, self.lastCommitted + 1)) { return .sending(Sending(gap)) }
        guard self.cursor < self.committedEnd, let event = self[self.cursor].event,
            self.inFlight.count < window.eventCount, self.cursor - self.first < window.span,
            self.inFlight.isEmpty || self.inFlightByteCount + event.byteCount <= window.byteCount
        else { return .nothing }
        let offset = self.cursor
        guard Int(self[offset].attempts) < maxAttempts else { return .spent(offset) }
        self.cursor += 1
        self.returned.remove(offset)
        self.inFlight.append(offset)
        self.inFlightByteCount += event.byteCount
        return self.queue(offset).map(Next.sending) ?? .nothing
    }

    /// A sending of an entry that is in flight; it is queued from now on.
    mutating func queue(_ offset: Int64) -> Sending? {
        guard let event = self[offset].event else { return nil }
        self[offset].state = .queued
        return Sending(
            event, offset: offset, attempt: Int(self[offset].attempts) + 1, self[offset].priority,
            isRetained: self[offset].isRetained)
    }

    /// The last byte of an entry was written.
    mutating func written(_ offset: Int64, dueAt: Instant) {
        guard self.holds(offset), self[offset].state == .queued else { return }
        self[offset].state = .sent
        self[offset].attempts += 1
        self[offset].dueAt = dueAt
    }

    /// The connection is gone: everything that is not settled is to be sent on the next one, in order.
    mutating func detach() {
        for index in self.inFlight.indices { self[self.inFlight[index]].state = .waiting }
        self.returned.prepend(self.inFlight)
        self.inFlight.removeAll()
        self.inFlightByteCount = 0
        self.cursor = self.first
        self.gaps.forgetTelling()
        self.ackDeadline = nil
    }

    /// The offset of an event that was sent and is not settled, by its id. An ack by id most often names the first one.
    func offset(of id: EventID) -> Int64? {
        for list in [self.inFlight, self.returned] {
            for index in list.indices where self[list[index]].event?.id == id { return list[index] }
        }
        return nil
    }
}
