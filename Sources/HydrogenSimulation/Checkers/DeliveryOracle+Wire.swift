import HydrogenProtocol

/// What goes over the wire for sessions and guaranteed events.
extension DeliveryOracle {
    /// A client's message is in the server's hands.
    mutating func taken(
        _ note: CommandNote, command: UInt32, _ link: inout OfLink, _ publishes: PublishLog, at now: Instant
    ) {
        switch note {
        case .none, .publish:
            break
        case .subscribe(let plan):
            self.change(link.session) { $0.subscriptions.append(Subscription(command: command, plan: plan)) }
        case .unsubscribe(let number):
            self.change(link.session) { session in
                session.subscriptions.removeAll { $0.number == number }
                // What is not answered may be put into outboxes after this.
                session.owed.removeAll { publishes[$0.publish]?.isAccepted != true }
            }
        case .resume(let session, let offset):
            link.resume = (command, session, offset)
            // It acknowledges, though its answer may never be written.
            self.change(session) { $0.floor = max($0.floor, offset) }
        case .ack(let offset):
            self.change(link.session) { session in
                session.ackedAt = now.nanoseconds
                session.acknowledge(through: offset)
            }
        case .ackID(let hash):
            self.change(link.session) { session in
                session.ackedAt = now.nanoseconds
                guard let index = session.written.firstIndex(where: { $0.hash == hash }) else { return }
                session.acknowledge(session.written.remove(at: index).offset)
            }
        }
    }

    /// An ack was handed in, and no limit refused it.
    mutating func acknowledged(through offset: Int64, _ link: OfLink, on place: UInt32, at now: Instant) {
        self.matureHandedIn(of: link.session, at: now)
        self.change(link.session) { session in
            guard session.link == place else { return }
            session.handIn(through: offset, at: now)
            session.acks.append((offset, now.nanoseconds))
            session.matureAcks(before: now.nanoseconds - Self.ackWay.nanoseconds)
        }
    }

    /// A publish is in the server's hands: every session with a subscription that was answered before is owed it.
    mutating func published(_ number: UInt32, _ publish: Publish, at now: Instant) {
        for session in self.order {
            guard let subscriptions = self[session]?.subscriptions, !subscriptions.isEmpty else { continue }
            let matching = subscriptions.filter { $0.number != nil && self.plans[Int($0.plan)].matches(publish) }
            guard !matching.isEmpty,
                publish.isGuaranteed || matching.contains(where: { self.plans[Int($0.plan)].isGuaranteed })
            else { continue }
            self.change(session) { $0.owed.append(Owed(publish: number, since: now.nanoseconds)) }
        }
    }

    /// The response to a command was written.
    /// - Parameter keptFrom: what it says survives a crash if the store was calm since.
    mutating func answered(_ command: UInt32, _ answer: WrittenAnswer, _ link: OfLink, keptFrom: Int64) {
        self.change(link.session) { session in
            guard let place = session.subscriptions.firstIndex(where: { $0.number == nil && $0.command == command })
            else { return }
            if let number = answer.subscription {
                session.keptFrom = min(session.keptFrom, keptFrom)
                session.subscriptions[place].number = number
                session.subscriptions[place].keptFrom = keptFrom
            } else {
                session.subscriptions.remove(at: place)
            }
        }
    }

    /// A guaranteed event was written.
    /// - Parameter isHeldUp: the link waited for its socket lately, so what is written may be of before.
    /// - Returns: what is wrong with that.
    mutating func written(
        _ event: WrittenEvent, _ link: inout OfLink, on place: UInt32, isHeldUp: Bool, at now: Instant
    ) -> String? {
        let recent = now.nanoseconds - Self.ackWay.nanoseconds
        self.change(link.session) { $0.matureAcks(before: recent) }
        guard let session = self[link.session] else {
            // Its end may not have come to the store before a crash; and who closes may have lost it just before.
            return link.isResumed ? nil : "an event with an offset without a session"
        }
        let offset = event.offset
        if offset <= session.settled, !isHeldUp { return "offset \(offset) comes again though it was acknowledged" }
        let before = session.written.first { $0.offset == offset }
        if let before, before.hash != event.hash { return "offset \(offset) is another event than before" }
        if let fault = self.repeatFault(event, before, session, link) { return fault }
        if offset > link.through {
            if let hole = self.hole(below: offset, session, link) {
                return "offset \(offset) comes before \(hole), which is neither acknowledged nor told as a gap"
            }
            link.through = offset
        }
        self.note(event, of: link.session, on: place, at: now)
        return nil
    }

    private func repeatFault(_ event: WrittenEvent, _ before: Written?, _ session: Session, _ link: OfLink) -> String? {
        if let before, event.offset <= link.through, event.attempt <= before.attempt {
            return "offset \(event.offset) comes again as attempt \(event.attempt)"
        }
        guard Int(event.attempt) <= self.settings.maxAttempts else { return "attempt \(event.attempt) of an event" }
        let other = session.written.first { $0.hash == event.hash && $0.offset != event.offset && !$0.isRetained }
        guard let other, !event.isRetained else { return nil }
        return "one event has the offsets \(other.offset) and \(event.offset)"
    }

    /// The first offset that a link has left out.
    private func hole(below offset: Int64, _ session: Session, _ link: OfLink) -> Int64? {
        var missing = max(link.through, session.floor) + 1
        while missing < offset {
            if let gap = link.gaps.first(where: { $0.from <= missing && $0.to >= missing }) {
                missing = gap.to + 1
            } else if session.isAcknowledged(missing) {
                missing += 1
            } else {
                return missing
            }
        }
        return nil
    }

    private mutating func note(_ event: WrittenEvent, of number: UInt32, on place: UInt32, at now: Instant) {
        self.change(number) { session in
            // What an earlier connection still writes is no sending of the session.
            guard session.link == place else { return }
            if let owed = session.owed.firstIndex(where: { $0.publish == event.publish }) {
                session.owed[owed].isWritten = true
            }
            let entry = Written(
                offset: event.offset, publish: event.publish, hash: event.hash, attempt: event.attempt,
                isRetained: event.isRetained, at: now.nanoseconds)
            let index = session.written.firstIndex { $0.offset >= event.offset } ?? session.written.count
            if index < session.written.count, session.written[index].offset == event.offset {
                session.written[index] = entry
            } else if !session.isAcknowledged(event.offset) {
                session.written.insert(entry, at: index)
            }
        }
    }

    /// `system/gap` was written.
    /// - Returns: what is wrong with it.
    mutating func gapWritten(
        from: Int64, to: Int64, _ link: inout OfLink, isHeldUp: Bool, at now: Instant
    ) -> String? {
        let recent = now.nanoseconds - Self.ackWay.nanoseconds
        self.change(link.session) { $0.matureAcks(before: recent) }
        guard let session = self[link.session] else { return link.isResumed ? nil : "a gap without a session" }
        guard from <= to, from > session.settled || isHeldUp else { return "a gap \(from)–\(to) though it was acknowledged" }
        link.gaps.removeAll { $0.to <= link.through }
        link.gaps.append((from, to))
        self.change(link.session) { session in
            session.written.removeAll { $0.offset >= from && $0.offset <= to }
            session.tell(from: from, to: to)
        }
        return nil
    }

    /// The server says that an event of a session is a dead letter.
    mutating func died(_ id: [UInt8], offset: Int64, hash: UInt64, _ publishes: PublishLog) -> String? {
        let fault = self.change(self.number(of: id)) { session -> String? in
            session.written.removeAll { $0.offset == offset }
            session.owed.removeAll { publishes[$0.publish]?.eventHash == hash }
            if session.dead.count >= Self.deadCount { session.dead.removeFirst() }
            session.dead.append(hash)
            return offset <= session.settled ? "offset \(offset) is a dead letter though it was acknowledged" : nil
        }
        return fault ?? nil
    }

    /// A client of a session has an event.
    /// - Parameter last: the highest offset of the session that this client got before.
    /// - Returns: what is wrong with that.
    mutating func received(_ publish: UInt32?, offset: Int64, after last: Int64, of id: [UInt8]) -> String? {
        if let publish {
            self.change(self.number(of: id)) { session in session.owed.removeAll { $0.publish == publish } }
        }
        return offset > last ? nil : "the client is told of offset \(offset) after \(last)"
    }
}
