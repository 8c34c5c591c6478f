import HydrogenProtocol

extension Shard {
    /// Offers an event to a conflating subscription.
    mutating func conflate(
        _ event: PublishedEvent, _ subscription: UInt32, priority: Priority, _ frames: inout EventFrames,
        at now: Moment
    ) {
        let session = self.subscriptions[subscription].session
        let group = Conflation.Group(action: event.action, value: self.conflatedValue(of: event, subscription))
        guard let decision = self.subscriptions[subscription].conflation?.offer(event, group, at: now.instant)
        else { return }
        switch decision {
        case .sendNow:
            self.deliver(&frames, to: session, priority, at: now)
        case .wait(let replaces):
            if replaces { self.countDropped(1) }
        case .sendBoth(let evicted):
            var older = EventFrames(evicted)
            self.deliver(&older, to: session, self.priority(of: evicted, subscription), at: now)
            self.deliver(&frames, to: session, priority, at: now)
        }
        self.conflationDeadlines.set(self.subscriptions[subscription].conflation?.nextDeadline, for: subscription)
    }

    /// Sends what waited for the end of its interval.
    mutating func endConflationIntervals(at now: Moment) {
        while let subscription = self.conflationDeadlines.popDue(at: now.instant) {
            let due = self.subscriptions[subscription].conflation?.takeDue(at: now.instant) ?? []
            for event in due {
                var frames = EventFrames(event)
                self.deliver(
                    &frames, to: self.subscriptions[subscription].session, self.priority(of: event, subscription),
                    at: now)
            }
            self.conflationDeadlines.set(self.subscriptions[subscription].conflation?.nextDeadline, for: subscription)
        }
    }

    private func priority(of event: PublishedEvent, _ subscription: UInt32) -> Priority {
        self.subscriptions[subscription].priority ?? event.priority
    }

    /// The JSON text of the member that `conflate_by` names; empty without one.
    private func conflatedValue(of event: PublishedEvent, _ subscription: UInt32) -> [UInt8] {
        guard let member = self.subscriptions[subscription].conflation?.member else { return [] }
        var iterator = JSONObjectIterator(event.data)
        let body = event.body
        while let found = iterator.next(in: body.span) {
            if found.name.string(in: body.span) == member { return Array(body[found.value.range.indices]) }
        }
        return []
    }
}
