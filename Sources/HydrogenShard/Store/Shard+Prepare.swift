import HydrogenProtocol

/// What a loop has put into outboxes and may not send before it is committed.
struct Prepared {
    var event: PublishedEvent
    var rows: [StoreLog.OwnRow]
}

/// A guaranteed publish with the durable store: every loop puts the event into outboxes and says into which; the loop of
/// the publisher has all of it committed at once; then every loop is told, and sends or forgets.
extension Shard {
    /// Asks every loop to prepare the event.
    mutating func prepare(_ publication: Publication, at now: Moment) {
        let event = publication.event
        let slot = self.insert(publication)
        self.publications[slot].awaitedCount = self.otherLoopCount
        for loop in 0..<self.places.loopCount where loop != self.loop {
            self.effects.append(
                .post(.prepare(event, report: ReceiverReport(loop: self.loop, publication: slot)), to: loop))
        }
        self.take(self.prepare(event, at: now), publication: slot)
        if self.otherLoopCount == 0 { self.areAllPrepared(slot, at: now) }
    }

    /// Another loop asks; what it is told refers to sessions that this turn's batch may bring to the store.
    mutating func prepare(_ event: PublishedEvent, for report: ReceiverReport, at now: Moment) {
        let answer = self.prepare(event, at: now)
        self.store?.replies.append((.prepared(answer, publication: report.publication), report.loop))
    }

    private mutating func prepare(_ event: PublishedEvent, at now: Moment) -> PreparedAnswer {
        self.preparing = Prepared(event: event, rows: [])
        let count = self.distribute(event, at: now)
        guard let prepared = self.preparing.take() else { return PreparedAnswer(rows: [], part: nil, count: 0) }
        var rows: [OutboxRow] = []
        rows.reserveCapacity(prepared.rows.count)
        for row in prepared.rows {
            guard let key = self.store?.records[Int(row.session.slot)].key else { break }
            if self.store?.records[Int(row.session.slot)].stage == .new { self.store?.hasPreparedForNew = true }
            let entry = self.sessions[row.session.slot].outbox[row.offset]
            rows.append(
                OutboxRow(
                    session: key, offset: row.offset, event: event.id, priority: entry.priority,
                    isRetained: false))
        }
        // A retained event is set everywhere once it is committed.
        guard !rows.isEmpty || event.isRetained else { return PreparedAnswer(rows: [], part: nil, count: count) }
        let part = PreparedPart(loop: self.loop, slot: self.prepared.insert(prepared))
        return PreparedAnswer(rows: rows, part: part, count: count)
    }

    /// A loop has prepared the event of a publication of ours.
    mutating func othersPrepared(_ answer: PreparedAnswer, publication slot: UInt32, at now: Moment) {
        self.take(answer, publication: slot)
        self.publications[slot].awaitedCount -= 1
        if self.publications[slot].awaitedCount == 0 { self.areAllPrepared(slot, at: now) }
    }

    private mutating func take(_ answer: PreparedAnswer, publication slot: UInt32) {
        self.publications[slot].receiverCount += answer.count
        self.publications[slot].rows += answer.rows
        if let part = answer.part { self.publications[slot].parts.append(part) }
    }

    private mutating func areAllPrepared(_ slot: UInt32, at now: Moment) {
        let publication = self.publications[slot]
        if publication.rows.isEmpty, publication.key == nil, !publication.event.isRetained {
            // Nobody is to get it, so there is nothing to keep.
            self.decide(publication: slot, isCommitted: true, at: now)
        } else {
            self.store?.publications.append(slot)
        }
    }

    /// The store has a publication of ours, or will never have it.
    mutating func decide(publication slot: UInt32, isCommitted: Bool, at now: Moment) {
        let publication = self.publications[slot]
        self.publications.remove(slot)
        var told = Array(repeating: false, count: self.places.loopCount)
        for part in publication.parts {
            told[part.loop] = true
            if part.loop == self.loop {
                self.decide(prepared: part.slot, isCommitted: isCommitted, at: now)
            } else {
                self.effects.append(.post(.decided(prepared: part.slot, isCommitted: isCommitted), to: part.loop))
            }
        }
        for loop in 0..<self.places.loopCount where loop != self.loop && !told[loop] {
            self.places.release(of: .events, at: loop)
        }
        if let key = publication.key { self.settle(key, for: publication.event.id, isCommitted: isCommitted) }
        if isCommitted { self.counters.add(self.metrics.eventsPublished[publication.event.channel]) }
        let count = publication.wantsCount ? publication.receiverCount : nil
        self.respond(
            to: publication,
            isCommitted ? .accepted(publication.event.id, receiverCount: count) : .refused(.failed), at: now)
    }

    /// What this loop has prepared is committed, or is not to be.
    mutating func decide(prepared slot: UInt32, isCommitted: Bool, at now: Moment) {
        let prepared = self.prepared[slot]
        self.prepared.remove(slot)
        if isCommitted, prepared.event.isRetained { self.retained.set(prepared.event) }
        for row in prepared.rows {
            guard let session = self.sessions.find(row.session) else {
                if isCommitted { self.countExpired() }
                continue
            }
            self.decide(row.offset, of: session, isCommitted: isCommitted)
            self.pump(session)
        }
    }
}

/// What a loop has put into outboxes.
package struct PreparedAnswer: Sendable {
    package var rows: [OutboxRow]
    /// nil where there is nothing to commit or to forget.
    package var part: PreparedPart?
    /// Sessions that it is kept for.
    package var count: Int
}
