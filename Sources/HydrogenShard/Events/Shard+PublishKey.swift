import HydrogenProtocol

extension Shard {
    /// Asks the keeper of a publish's key whether it is the first under it.
    mutating func claim(_ key: PublishKey, for publication: Publication, at now: Moment) {
        let home = key.home(loopCount: self.places.loopCount)
        if home == self.loop {
            let verdict = self.publishKeys.claim(
                key, for: publication.event.id, isPending: publication.needsCommit, at: now.instant)
            return self.decide(verdict, publication, at: now)
        }
        guard self.reserveKeyPlaces(at: home, needsCommit: publication.needsCommit) else {
            self.releasePlaces(of: publication)
            return self.respond(to: publication, .refused(.busy), at: now)
        }
        let slot = self.insert(publication)
        self.effects.append(
            .post(
                .claimKey(
                    key, event: publication.event.id, isPending: publication.needsCommit, from: self.loop,
                    publication: slot), to: home))
    }

    /// The keeper of the key has answered.
    mutating func keyDecided(_ verdict: PublishKeyVerdict, publication slot: UInt32, at now: Moment) {
        let publication = self.publications[slot]
        self.publications.remove(slot)
        if verdict != .granted, publication.needsCommit, let key = publication.key {
            // There is nothing to tell it afterwards.
            self.places.release(of: .events, at: key.home(loopCount: self.places.loopCount))
        }
        self.decide(verdict, publication, at: now)
    }

    private mutating func decide(_ verdict: PublishKeyVerdict, _ publication: Publication, at now: Moment) {
        switch verdict {
        case .granted:
            self.begin(publication, at: now)
        case .used(let event):
            self.releasePlaces(of: publication)
            self.respond(to: publication, .accepted(event, receiverCount: nil), at: now)
        case .pending:
            self.releasePlaces(of: publication)
            self.respond(to: publication, .refused(.busy), at: now)
        }
    }

    /// Tells the keeper of a key whether the publish under it was committed.
    mutating func settle(_ key: PublishKey, for event: EventID, isCommitted: Bool) {
        let home = key.home(loopCount: self.places.loopCount)
        if home == self.loop {
            self.publishKeys.settle(key, for: event, isCommitted: isCommitted)
        } else {
            self.effects.append(.post(.settleKey(key, event: event, isCommitted: isCommitted), to: home))
        }
    }
}
