import HydrogenProtocol

extension Shard {
    /// The store has answered a batch.
    mutating func stored(_ answer: StoreAnswer, at now: Moment) {
        if let commit = answer.commit {
            if answer.isStored {
                self.counters.observe(self.metrics.storeCommit, nanoseconds: commit.nanoseconds)
            } else {
                self.counters.add(self.metrics.storeFailures[0])
            }
        }
        guard let sent = self.store?.answered(answer.ticket) else { return }
        if answer.isStored {
            if sent.isProof { self.storeWorks() }
            for (reference, changes) in sent.sessions where changes.isRecord {
                if let session = self.sessions.find(reference) { self.store?.records[Int(session)].stage = .stored }
            }
        } else {
            self.storeFailed(sent, at: now)
        }
        for slot in sent.publications { self.decide(publication: slot, isCommitted: answer.isStored, at: now) }
        if answer.isStored {
            for row in sent.ownRows {
                guard let session = self.sessions.find(row.session) else {
                    self.countExpired()
                    continue
                }
                self.decide(row.offset, of: session, isCommitted: true)
                self.pump(session)
            }
        }
        for waiter in sent.waiters { self.perform(waiter, at: now) }
    }

    private mutating func storeWorks() {
        guard self.store?.isHealthy == false else { return }
        self.store?.isHealthy = true
        self.store?.retryAt = nil
    }

    /// What was not stored is told again later, as it is then. Publications are refused instead.
    private mutating func storeFailed(_ sent: StoreLog.Sent, at now: Moment) {
        self.store?.failed(sent, at: now.instant)
        for (reference, changes) in sent.sessions {
            guard let session = self.sessions.find(reference) else { continue }
            self.store?.note(session) { $0.prepend(changes) }
        }
    }

    /// Does what waited for a commit.
    mutating func perform(_ waiter: CommitWaiter, at now: Moment) {
        switch waiter {
        case .answer(let answer, let outcome):
            if let slot = self.connections.slot(of: answer.connection) { self.connections[slot].isResuming = false }
            self.answer(answer, outcome, at: now)
        case .link(let message, let loop):
            self.links.append(message, to: loop)
            if case .resumed(let attachment, _) = message { self.tellIfTakenOver(attachment, at: loop) }
        case .attachment(let name):
            self.letGo(name)
        case .retained(let reference, let number):
            guard let session = self.sessions.find(reference), let slot = self.subscription(number, of: session)
            else { return }
            self.sendRetained(to: slot, at: now)
        }
    }

    /// A session may have gone on elsewhere while its token was being stored.
    private mutating func tellIfTakenOver(_ attachment: NewAttachment, at loop: LoopIndex) {
        guard let session = self.sessions.find(attachment.name.session),
            self.sessions[session].attachmentNumber == attachment.name.number
        else { return self.links.append(.takenOver(attachment.name, attachment.connection), to: loop) }
    }

    /// Whether something that changed is to be waited for before it is told: there is a store, and it works.
    var waitsForCommits: Bool { self.store?.isHealthy == true }

    mutating func wait(_ waiter: CommitWaiter) { self.store?.waiters.append(waiter) }
}
