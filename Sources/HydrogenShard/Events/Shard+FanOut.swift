import HydrogenConnection
import HydrogenProtocol

extension Shard {
    /// Delivers an event to the sessions of this loop.
    ///
    /// The event's bytes are copied once into this pass's buffer; each receiver costs an index.
    /// - Returns: how many sessions got it, or have it kept, each once. One whose subscription conflates it counts.
    mutating func fanOut(_ event: PublishedEvent, at now: Moment) -> Int {
        if event.isRetained { self.retained.set(event) }
        return self.distribute(event, at: now)
    }

    /// As `fanOut`, but for what is retained.
    mutating func distribute(_ event: PublishedEvent, at now: Moment) -> Int {
        self.fanOutEpoch += 1
        self.matchedSessions.removeAll(keepingCapacity: true)
        if event.audience == .all {
            self.matchEverySession(event)
        } else {
            self.matchSubscriptions(event)
        }
        var frames = EventFrames(event)
        var count = 0
        for index in self.matchedSessions.indices {
            let session = self.matchedSessions[index]
            let match = self.sessions[session].match
            if match.isGuaranteed {
                count += 1
                self.keep(event, for: session, match.priority, isRetained: false, at: now)
                continue
            }
            // What is not guaranteed is not kept for a session that nobody has.
            guard self.sessions[session].attachment.isReachable else { continue }
            count += 1
            if let subscription = match.conflatingSubscription {
                self.conflate(event, subscription, priority: match.priority, &frames, at: now)
            } else {
                self.deliver(&frames, to: session, match.priority, at: now)
            }
        }
        return count
    }

    /// Queues an event for the connection of a session.
    mutating func deliver(_ frames: inout EventFrames, to session: UInt32, _ priority: Priority, at now: Moment) {
        switch self.sessions[session].attachment {
        case .here(let id):
            guard let slot = self.connections.slot(of: id) else { return self.countDropped(1) }
            self.deliver(&frames, slot: slot, priority, at: now)
        case .away(let connection):
            let message = LinkMessage.event(
                frames.event, priority, isRetained: frames.isRetained, self.attachmentName(of: session), connection.id)
            if !self.links.appendEvent(message, to: connection.loop) { self.countDropped(1) }
        case .detached, .held:
            self.countDropped(1)
        }
    }

    /// Queues an event for a connection.
    @inline(__always)
    mutating func deliver(_ frames: inout EventFrames, slot: Int, _ priority: Priority, at now: Moment) {
        guard self.connections[slot].machine.canQueue(priority, isGuaranteed: false) else {
            return self.countDropped(1)
        }
        // A retained event is told when there is somebody to tell it to.
        let publishedAt = frames.isRetained ? now.instant : frames.event.publishedAt
        let frame = frames.frame(priority, in: &self.outgoing)
        self.enqueue(frame, .event(publishedAt: publishedAt), priority, slot: slot, at: now)
    }

    private mutating func matchEverySession(_ event: PublishedEvent) {
        for slot in self.sessions.slotIndices where self.sessions[UInt32(slot)].isInUse {
            self.sessions[UInt32(slot)].match = SubscriptionMatch(
                epoch: self.fanOutEpoch, priority: event.priority, isGuaranteed: event.isGuaranteed,
                conflatingSubscription: nil)
            self.matchedSessions.append(UInt32(slot))
        }
    }

    /// Finds the sessions with a subscription that matches, and what their matching subscriptions say together: the
    /// highest priority of those given, and conflated only if all are.
    private mutating func matchSubscriptions(_ event: PublishedEvent) {
        let body = event.body
        var isDataRead = KnownBug.filterOfTheEventBefore.isLoose
        let isForAll = event.audience == .subscribers
        self.matchedSubscriptions.removeAll(keepingCapacity: true)
        let action = event.action
        self.channels[event.channel].topics.appendMatches(of: action.span, to: &self.matchedSubscriptions)
        for index in self.matchedSubscriptions.indices {
            let subscription = self.matchedSubscriptions[index]
            let facts = self.subscriptions.facts[Int(subscription)]
            let session = facts.session
            guard isForAll || self.isMeant(session, by: event.audience) else { continue }
            if facts.hasFilter, let filter = self.subscriptions[subscription].filter {
                // The members are located once per event, by the first filter.
                if !isDataRead { self.eventData.read(JSONObjectIterator(event.data), in: body.span) }
                isDataRead = true
                guard filter.matches(&self.eventData, in: body.span) else { continue }
            }
            let match = SubscriptionMatch(
                epoch: self.fanOutEpoch, priority: facts.priority ?? event.priority,
                isGuaranteed: event.isGuaranteed || facts.isGuaranteed,
                conflatingSubscription: facts.isConflated ? subscription : nil)
            if self.sessions[session].match.join(match) { self.matchedSessions.append(session) }
        }
    }

    /// Whether a session is among those that an event is for.
    func isMeant(_ session: UInt32, by audience: Audience) -> Bool {
        switch audience {
        case .subscribers, .all:
            true
        case .administrators:
            self.sessions[session].grant.isAdministrator
        case .identity(let identity):
            self.sessions[session].grant.identity == identity
        case .session(let id):
            self.sessions[session].id == id
        case .identityAndSession(let identity, let id):
            self.sessions[session].grant.identity == identity && self.sessions[session].id == id
        }
    }
}

/// The frames of one event on one loop: one for each tail that was needed so far, and most events need one.
struct EventFrames {
    let event: PublishedEvent
    /// Whether it is the last event of its action, given to a new subscriber.
    let isRetained: Bool
    private var byPriority: InlineArray<4, ByteRange> = InlineArray(repeating: .empty)

    init(_ event: PublishedEvent, isRetained: Bool = false) {
        self.event = event
        self.isRetained = isRetained
    }

    mutating func frame(_ priority: Priority, in outgoing: inout OutgoingFrames) -> ByteRange {
        let index = Int(priority.rawValue)
        if self.byPriority[index].isEmpty {
            let tail = EventTail(priority: priority, isRetained: self.isRetained)
            self.byPriority[index] = outgoing.appendEvent(self.event.body, tail)
        }
        return self.byPriority[index]
    }
}
