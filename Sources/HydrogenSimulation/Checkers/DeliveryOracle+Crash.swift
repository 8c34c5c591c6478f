import HydrogenProtocol

/// What a server with a durable store must know again after a crash.
///
/// What was answered while the store was calm survives: sessions, subscriptions, guaranteed publishes, and
/// acknowledgements that came some time before. Of the rest anything may be there or not, but no more than once.
extension DeliveryOracle {
    /// How long before a crash an acknowledgement must have come to be kept for sure.
    private static let ackBound = Interval.milliseconds(500)
    /// What only a subscription makes guaranteed keeps its publisher waiting for nothing: it is kept a while after.
    private static let ownBound = Interval.seconds(1)

    /// The server is gone; its store has what it kept.
    mutating func crashed(_ publishes: PublishLog, at now: Instant) {
        let lastCalm = self.calm.lastCalm(at: now)
        let plans = self.plans
        let leftBefore = now.nanoseconds - self.resumeWindow.nanoseconds + Self.ackWay.nanoseconds
        for number in self.order {
            self.change(number) { session in
                // One whose window is over has ended, or is about to.
                let mayHaveExpired = session.link == LinkTable.none && session.since < leftBefore
                session.link = LinkTable.none
                session.since = now.nanoseconds
                session.isPromised = session.isPromised && session.keptFrom <= lastCalm && !mayHaveExpired
                session.subscriptions.removeAll { $0.number == nil || $0.keptFrom > lastCalm }
                session.matureHandedIn(before: lastCalm - Self.ackBound.nanoseconds)
                session.settled = session.kept
                session.handedIn.removeAll(keepingCapacity: true)
                session.acks.removeAll(keepingCapacity: true)
                for index in session.written.indices { session.written[index].at = Int64.max }
                session.owed.removeAll { owed in
                    guard !owed.isWritten, let publish = publishes[owed.publish] else { return false }
                    // One under a key is sent again until it is answered: for the subscriptions that there are then.
                    if publish.isGuaranteed {
                        guard !publish.isAccepted else { return false }
                        return publish.key == nil
                            || !session.subscriptions.contains { plans[Int($0.plan)].matches(publish) }
                    }
                    return owed.since + Self.ownBound.nanoseconds > lastCalm
                }
            }
        }
    }

    /// The server is there again, with what it found; sessions wait for their clients from now on.
    mutating func restarted(maxDetached: Int, at now: Instant) {
        let order = self.order
        for number in order { self.change(number) { $0.since = now.nanoseconds } }
        self.isCrowded = order.count >= maxDetached
    }

    /// Acknowledgements before a time are in the store.
    mutating func matureHandedIn(of number: UInt32, at now: Instant) {
        let time = self.calm.lastCalm(at: now) - Self.ackBound.nanoseconds
        self.change(number) { $0.matureHandedIn(before: time) }
    }
}

extension DeliveryOracle.Session {
    /// How many acknowledgements are remembered that the store may not have.
    private static let handedInCount = 1_024

    /// Offsets up to one were acknowledged.
    mutating func handIn(through offset: Int64, at now: Instant) {
        if self.handedIn.count >= Self.handedInCount { self.handedIn.removeFirst() }
        self.handedIn.append((offset, now.nanoseconds))
    }

    mutating func matureHandedIn(before time: Int64) {
        while let first = self.handedIn.first, first.at <= time {
            self.kept = max(self.kept, first.through)
            self.handedIn.removeFirst()
        }
    }
}
