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

extension RestoredState {
    /// The same in pieces of about a megabyte, which a recording can hold. What a session has is in one.
    package var pieces: [RestoredState] {
        var pieces = [RestoredState(publishKeys: self.publishKeys)]
        var byteCount = 0
        func begin(_ count: Int) {
            if byteCount + count > Self.pieceByteCount {
                pieces.append(RestoredState())
                byteCount = 0
            }
            byteCount += count
        }
        for event in self.retained {
            begin(event.byteCount)
            pieces[pieces.count - 1].retained.append(event)
        }
        for session in self.sessions {
            begin(session.rows.reduce(1024) { $0 + $1.event.byteCount })
            pieces[pieces.count - 1].sessions.append(session)
        }
        return pieces.filter { !$0.isEmpty }
    }

    private static let pieceByteCount = 1 << 20

    package var isEmpty: Bool { self.sessions.isEmpty && self.retained.isEmpty && self.publishKeys.isEmpty }
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

extension RestoredSession {
    /// Finds offsets that were given out and of which the store knows nothing: the server ended before their commit, and
    /// higher ones, of other publishers, were committed. Nobody was sent any of them; their client is told of gaps.
    ///
    /// - Parameters:
    ///   - settledThrough: everything up to here was settled.
    ///   - settled: what was settled above it, in order.
    package mutating func findHoles(settledThrough: Int64, settled: [Int64]) {
        var known = self.session.gaps + self.rows.map { $0.offset...$0.offset }
        known += (self.lost + settled).map { $0...$0 }
        known.sort { $0.lowerBound < $1.lowerBound }
        let end = max(self.session.lastOffset, known.last?.upperBound ?? 0)
        var next = settledThrough + 1
        for range in known where range.upperBound >= next {
            if range.lowerBound > next { self.session.gaps.append(next...range.lowerBound - 1) }
            next = range.upperBound + 1
        }
        if next <= end { self.session.gaps.append(next...end) }
        self.session.gaps.sort { $0.lowerBound < $1.lowerBound }
        var merged: [ClosedRange<Int64>] = []
        for gap in self.session.gaps {
            if let last = merged.last, last.upperBound == gap.lowerBound - 1 {
                merged[merged.count - 1] = last.lowerBound...gap.upperBound
            } else {
                merged.append(gap)
            }
        }
        self.session.gaps = merged
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
