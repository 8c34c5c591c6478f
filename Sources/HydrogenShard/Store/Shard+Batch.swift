import HydrogenProtocol

extension Shard {
    /// The end of a turn: what is to be kept leaves, before anything of this turn is told that refers to it.
    mutating func storeChanges(at now: Moment) {
        if !self.waitsForCommits { self.performWaiters(at: now) }
        guard self.store?.hasRoom == true else {
            // Everything waits for an answer, and so for a turn that comes.
            self.store?.putOff(at: now.instant)
            return
        }
        if self.waitsForCommits { self.storeWhatIsDue(at: now) } else { self.storeWhileFailing(at: now) }
        self.postReplies()
    }

    /// What refers to this turn's batch may be told: the store has it before anything that comes of it.
    private mutating func postReplies() {
        guard let replies = self.store?.replies, !replies.isEmpty else { return }
        self.store?.replies = []
        for reply in replies { self.effects.append(.post(reply.mail, to: reply.loop)) }
    }

    /// A batch as it is put together.
    private struct Draft {
        var batch: StoreBatch
        var sent = StoreLog.Sent(ticket: 0)
    }

    private func draft() -> Draft { Draft(batch: StoreBatch(loop: self.loop, ticket: 0)) }

    private mutating func storeWhatIsDue(at now: Moment) {
        if self.store?.hasChanges == true, self.store?.dueAt == nil {
            self.store?.dueAt = now.instant + StoreLog.patience
        }
        // A loop that drains may have no other turn.
        let isDue = self.store?.dueAt.map { $0 <= now.instant || self.drain != nil } ?? false
        if isDue || self.store?.isUrgent == true { self.storeEverything(at: now) }
    }

    /// Nothing but guaranteed publishes waits for a store that fails. It may be full: what makes it smaller goes by
    /// itself first.
    private mutating func storeWhileFailing(at now: Moment) {
        if let retryAt = self.store?.retryAt, retryAt <= now.instant {
            self.store?.retryAt = nil
            var removals = self.draft()
            self.addSessions(to: &removals, onlyRemovals: true)
            self.addEndedSessions(to: &removals)
            if !removals.batch.isEmpty { self.send(removals, at: now) }
            self.storeEverything(at: now)
        } else if self.store?.publications.isEmpty == false || self.store?.replies.isEmpty == false {
            self.storeEverything(at: now)
        }
    }

    private mutating func performWaiters(at now: Moment) {
        guard let waiters = self.store?.waiters, !waiters.isEmpty else { return }
        self.store?.waiters = []
        for waiter in waiters { self.perform(waiter, at: now) }
    }

    /// Also a batch with nothing in it leaves: somebody waits for those before it, or whether the store works.
    private mutating func storeEverything(at now: Moment) {
        var draft = self.draft()
        self.addSessions(to: &draft, onlyRemovals: false)
        self.addOwnRows(to: &draft)
        self.addRetained(to: &draft)
        self.addPublications(to: &draft, at: now)
        self.addEndedSessions(to: &draft)
        draft.sent.waiters = self.store?.waiters ?? []
        self.store?.waiters = []
        self.store?.dueAt = nil
        self.store?.hasPreparedForNew = false
        self.send(draft, at: now)
    }

    private mutating func send(_ draft: Draft, at now: Moment) {
        guard let ticket = self.store?.takeTicket() else { return }
        var draft = draft
        draft.batch.ticket = ticket
        draft.sent.ticket = ticket
        draft.sent.isProof = draft.batch.isEmpty || !draft.batch.onlyRemoves
        self.store?.append(draft.sent)
        self.effects.append(.store(draft.batch))
        if KnownBug.answeredBeforeCommit.isLoose {
            self.stored(StoreAnswer(ticket: ticket, isStored: true, commit: nil), at: now)
        }
    }

    private mutating func addSessions(to draft: inout Draft, onlyRemovals: Bool) {
        let changed = self.store?.changed ?? []
        self.store?.changed = []
        for session in changed where self.store?.records[Int(session)].isListed == true {
            guard let changes = self.store?.take(session, onlyRemovals: onlyRemovals),
                let record = self.store?.records[Int(session)]
            else { continue }
            if record.isListed { self.store?.changed.append(session) }
            guard !changes.isEmpty else { continue }
            self.add(changes, of: session, record.key, to: &draft.batch)
            draft.sent.sessions.append((self.sessions.reference(session), changes))
        }
    }

    private func add(
        _ changes: StoreLog.Changes, of session: UInt32, _ key: SessionKey, to batch: inout StoreBatch
    ) {
        if changes.isRecord { batch.sessions.append(self.storedSession(session, key)) }
        for number in changes.newSubscriptions {
            guard let slot = self.subscription(number, of: session) else { continue }
            batch.subscriptions.append(self.storedSubscription(slot, key))
        }
        for number in changes.removedSubscriptions {
            batch.removedSubscriptions.append(.init(session: key, number: number))
        }
        for offset in changes.repeatedRows where self.sessions[session].outbox.holds(offset) {
            self.add(offset, of: session, key, to: &batch)
        }
        guard changes.isOutbox, !KnownBug.restoreForgetsAcks.isLoose else { return }
        let first = self.sessions[session].outbox.first
        // What makes the store smaller may leave without the session.
        let isRecordLeft = self.store?.records[Int(session)].changes.isRecord == true
        batch.settlements.append(
            OutboxSettlement(
                session: key, through: first - 1, others: changes.settledAbove.filter { $0 >= first },
                lastOffset: self.sessions[session].outbox.lastCommitted,
                gaps: isRecordLeft ? self.storedGaps(session) : nil))
    }

    private mutating func addEndedSessions(to draft: inout Draft) {
        draft.batch.endedSessions = self.store?.endedSessions ?? []
        draft.sent.endedSessions = draft.batch.endedSessions
        self.store?.endedSessions = []
    }

    /// Rows that are still wanted; one that gave way to others meanwhile is settled without having been told.
    private mutating func addOwnRows(to draft: inout Draft) {
        let rows = self.store?.ownRows ?? []
        self.store?.ownRows = []
        for row in rows {
            guard let session = self.sessions.find(row.session), self.sessions[session].outbox.isUndecided(row.offset)
            else { continue }
            guard !self.sessions[session].outbox.isDoomed(row.offset) else {
                self.decide(row.offset, of: session, isCommitted: true)
                continue
            }
            guard let key = self.store?.records[Int(session)].key else { continue }
            self.add(row.offset, of: session, key, to: &draft.batch)
            draft.sent.ownRows.append(row)
        }
    }

    private func add(_ offset: Int64, of session: UInt32, _ key: SessionKey, to batch: inout StoreBatch) {
        let entry = self.sessions[session].outbox[offset]
        guard let event = entry.event else { return }
        if batch.events.last !== event { batch.events.append(event) }
        batch.rows.append(
            OutboxRow(
                session: key, offset: offset, event: event.id, priority: entry.priority, isRetained: entry.isRetained))
    }

    private mutating func addRetained(to draft: inout Draft) {
        let retained = self.store?.retained ?? []
        self.store?.retained = []
        for event in retained where self.retained.holds(event) {
            draft.batch.events.append(event)
            draft.batch.retained.append(event.id)
            draft.sent.retained.append(event)
        }
    }

    private mutating func addPublications(to draft: inout Draft, at now: Moment) {
        let publications = self.store?.publications ?? []
        self.store?.publications = []
        for slot in publications { self.addPublication(slot, to: &draft, at: now) }
    }

    /// A function of its own: as the body of the loop, it keeps Swift 6.3 busy without end in a debug build.
    private func addPublication(_ slot: UInt32, to draft: inout Draft, at now: Moment) {
        let event = self.publications[slot].event
        draft.batch.events.append(event)
        draft.batch.rows += self.publications[slot].rows
        if event.isRetained { draft.batch.retained.append(event.id) }
        draft.sent.publications.append(slot)
        guard let key = self.publications[slot].key else { return }
        let until = WallTime(milliseconds: now.wall.milliseconds + PublishKeyTable.lifetime.milliseconds)
        draft.batch.publishKeys.append(StoredPublishKey(key: key, event: event.id, until: until))
    }
}
