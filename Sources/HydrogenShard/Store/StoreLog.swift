import HydrogenProtocol

/// What one loop has to tell the store, and what it has told and not had answered. Exists only with the durable store.
///
/// What changed is marked, not written down: a batch holds the state of the moment when it leaves. So what waits while a
/// store fails is bounded by what there is.
struct StoreLog {
    /// What the store is to know of one session, by slot of the session.
    struct Record {
        var key = SessionKey(bits: 0)
        var stage = Stage.new
        /// Whether it is among the `changed`.
        var isListed = false
        var changes = Changes()
    }

    /// What the store knows of a session.
    enum Stage: UInt8 {
        case new
        /// It was told, and may know it or not.
        case told
        /// It has said that it knows it.
        case stored
    }

    /// What changed of a session since it was told.
    struct Changes {
        /// Tokens, gaps, key, numbers.
        var isRecord = false
        /// Rows were settled.
        var isOutbox = false
        /// Rows that were settled while lower ones were not.
        var settledAbove: [Int64] = []
        /// Rows that the store was told while it may not have known the session, so that it has left them out.
        var repeatedRows: [Int64] = []
        var newSubscriptions: [Int] = []
        var removedSubscriptions: [Int] = []

        var isEmpty: Bool {
            !self.isRecord && !self.isOutbox && self.settledAbove.isEmpty && self.repeatedRows.isEmpty
                && self.newSubscriptions.isEmpty && self.removedSubscriptions.isEmpty
        }

        mutating func removeSubscription(_ number: Int) {
            // One that the store was not told of needs no removal; it may have been told of it in an earlier batch.
            if let index = self.newSubscriptions.firstIndex(of: number) {
                self.newSubscriptions.remove(at: index)
            } else {
                self.removedSubscriptions.append(number)
            }
        }

        /// Takes out what makes the store smaller, or everything.
        mutating func take(onlyRemovals: Bool) -> Changes {
            var rest = Changes()
            if onlyRemovals {
                swap(&rest.isRecord, &self.isRecord)
                swap(&rest.repeatedRows, &self.repeatedRows)
                swap(&rest.newSubscriptions, &self.newSubscriptions)
            }
            swap(&rest, &self)
            return rest
        }

        /// Puts changes that were not stored before these.
        mutating func prepend(_ earlier: Changes) {
            self.isRecord = self.isRecord || earlier.isRecord
            self.isOutbox = self.isOutbox || earlier.isOutbox
            self.settledAbove = earlier.settledAbove + self.settledAbove
            self.repeatedRows = earlier.repeatedRows + self.repeatedRows
            self.newSubscriptions = earlier.newSubscriptions + self.newSubscriptions
            self.removedSubscriptions = earlier.removedSubscriptions + self.removedSubscriptions
        }
    }

    /// A row of an event that its subscriber alone made guaranteed: its own loop has it stored.
    struct OwnRow {
        var session: SessionReference
        var offset: Int64
    }

    /// What a batch was, for when its answer comes.
    struct Sent {
        var ticket: UInt64
        var sessions: [(session: SessionReference, changes: Changes)] = []
        var endedSessions: [SessionKey] = []
        var retained: [PublishedEvent] = []
        var ownRows: [OwnRow] = []
        /// Slots of publications.
        var publications: [UInt32] = []
        var waiters: [CommitWaiter] = []
        /// Whether its success shows that the store takes new things: one that only removes fits into a full store too.
        var isProof = true
    }

    /// How long what nobody waits for may wait for company. An ack is to be committed within 100 ms.
    static let patience = Interval.milliseconds(20)
    /// How long after a failure to try again.
    static let pause = Interval.milliseconds(250)

    var records: [Record] = []
    /// Slots of sessions with changes, in the order of their first.
    var changed: [UInt32] = []
    var endedSessions: [SessionKey] = []
    /// Retained events that are not told yet; some may not be retained any more.
    var retained: [PublishedEvent] = []
    var ownRows: [OwnRow] = []
    /// Publications that every loop has prepared.
    var publications: [UInt32] = []
    /// What happens when the next batch is answered.
    var waiters: [CommitWaiter] = []
    /// What other loops are told once this turn's batch has left: they may refer to what is in it.
    var replies: [(mail: Mail, loop: LoopIndex)] = []
    /// Whether something was prepared for a session that the store was not told of: it is told first.
    var hasPreparedForNew = false

    private(set) var sent = Queue<Sent>()
    private var nextTicket: UInt64 = 1
    /// Whether the last answers were good. While they are not, nothing waits for the store but guaranteed publishes.
    var isHealthy = true
    /// When what changed leaves at the latest.
    var dueAt: Instant?
    /// While the store fails: when what changed is tried again.
    var retryAt: Instant?

    /// A turn sends two batches at the most.
    var hasRoom: Bool { self.sent.count + 2 <= StoreBatch.maximumInFlight }
    var hasChanges: Bool {
        !self.changed.isEmpty || !self.endedSessions.isEmpty || !self.retained.isEmpty || !self.ownRows.isEmpty
    }
    /// Whether somebody waits for the next batch.
    var isUrgent: Bool {
        !self.publications.isEmpty || !self.waiters.isEmpty || !self.ownRows.isEmpty || self.hasPreparedForNew
    }

    mutating func takeTicket() -> UInt64 {
        defer { self.nextTicket += 1 }
        return self.nextTicket
    }

    /// There is no room for what is due now.
    mutating func putOff(at now: Instant) {
        self.dueAt = self.dueAt.map { max($0, now + Self.patience) }
        self.retryAt = self.retryAt.map { max($0, now + Self.pause) }
    }

    mutating func append(_ sent: Sent) { self.sent.append(sent) }

    /// The batch that an answer is for; nil if none waits for it.
    mutating func answered(_ ticket: UInt64) -> Sent? {
        guard self.sent.first?.ticket == ticket else { return nil }
        return self.sent.popFirst()
    }

    /// A batch was not stored: what it told of other things than sessions is told again.
    mutating func failed(_ sent: Sent, at now: Instant) {
        self.isHealthy = false
        self.dueAt = nil
        // Publishes that fail meanwhile put nothing off.
        self.retryAt = self.retryAt ?? now + Self.pause
        self.endedSessions = sent.endedSessions + self.endedSessions
        self.retained = sent.retained + self.retained
        self.ownRows = sent.ownRows + self.ownRows
    }

    mutating func begin(_ session: UInt32, _ key: SessionKey, _ stage: Stage) {
        while self.records.count <= Int(session) { self.records.append(Record()) }
        self.records[Int(session)] = Record(key: key, stage: stage)
    }

    mutating func end(_ session: UInt32) {
        if self.records[Int(session)].stage != .new { self.endedSessions.append(self.records[Int(session)].key) }
        // It may be among the changed: its record says that it is not any more.
        self.records[Int(session)] = Record()
    }

    /// Takes the changes of a session that are to be told now.
    mutating func take(_ session: UInt32, onlyRemovals: Bool) -> Changes {
        let taken = self.records[Int(session)].changes.take(onlyRemovals: onlyRemovals)
        self.records[Int(session)].isListed = !self.records[Int(session)].changes.isEmpty
        if taken.isRecord, self.records[Int(session)].stage == .new { self.records[Int(session)].stage = .told }
        return taken
    }

    mutating func note(_ session: UInt32, _ change: (inout Changes) -> Void) {
        change(&self.records[Int(session)].changes)
        guard !self.records[Int(session)].isListed else { return }
        self.records[Int(session)].isListed = true
        self.changed.append(session)
    }
}

/// What waits for a commit, whether it succeeds or not: with a store that fails, life goes on.
enum CommitWaiter {
    case answer(PendingAnswer, CommandOutcome)
    case link(LinkMessage, to: LoopIndex)
    /// A session that was resumed may have its connection.
    case attachment(AttachmentName)
    /// A new subscription gets what is retained.
    case retained(SessionReference, number: Int)
}
