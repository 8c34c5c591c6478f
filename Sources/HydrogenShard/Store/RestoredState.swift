import HydrogenProtocol

/// What a loop finds again at its start: `Shard.restore` takes it before anything else happens.
package struct RestoredState: Sendable {
    /// The sessions whose home this loop is now, in the order in which they began.
    package var sessions: [RestoredSession]
    /// The retained events: the same for every loop.
    package var retained: [PublishedEvent]
    /// The keys that this loop keeps (`PublishKey.home`), in the order in which they end.
    package var publishKeys: [StoredPublishKey]

    package init(
        sessions: [RestoredSession] = [], retained: [PublishedEvent] = [], publishKeys: [StoredPublishKey] = []
    ) {
        self.sessions = sessions
        self.retained = retained
        self.publishKeys = publishKeys
    }
}

/// A session with everything of its own.
package struct RestoredSession: Sendable {
    package var session: StoredSession
    /// In the order of their numbers; those on channels that are no more are left out.
    package var subscriptions: [StoredSubscription]
    /// In the order of offsets. Rows of the same event share one value.
    package var rows: [Row]
    /// Offsets of rows whose event cannot be had any more, in order: their client is told of a gap.
    package var lost: [Int64]

    package struct Row: Sendable {
        package var offset: Int64
        package var event: PublishedEvent
        package var priority: Priority
        package var isRetained: Bool

        package init(offset: Int64, event: PublishedEvent, priority: Priority, isRetained: Bool) {
            self.offset = offset
            self.event = event
            self.priority = priority
            self.isRetained = isRetained
        }
    }

    package init(
        session: StoredSession, subscriptions: [StoredSubscription] = [], rows: [Row] = [], lost: [Int64] = []
    ) {
        self.session = session
        self.subscriptions = subscriptions
        self.rows = rows
        self.lost = lost
    }
}

extension PublishedEvent {
    /// An event that the store has kept.
    /// - Parameters:
    ///   - channel: index into `ShardConfiguration.channels`, for the name that was kept.
    ///   - body, data: as they were.
    package convenience init(
        restoring id: EventID, channel: Int, action: [UInt8], body: [UInt8], data: ByteRange, priority: Priority,
        isRetained: Bool, isGuaranteed: Bool, audience: Audience, sequence: UInt64, at now: Instant
    ) {
        self.init(
            id: id, channel: channel, action: action, body: body, data: data, priority: priority,
            isRetained: isRetained, isGuaranteed: isGuaranteed, audience: audience, sequence: sequence,
            publishedAt: now)
    }
}
