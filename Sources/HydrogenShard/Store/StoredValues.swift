import HydrogenCrypto
import HydrogenProtocol

/// Names a session in the store: a part of the random text of its id.
package struct SessionKey: Sendable, Hashable {
    package var bits: UInt64

    package init(bits: UInt64) { self.bits = bits }
}

/// A session, but for its subscriptions and its outbox.
package struct StoredSession: Sendable, Hashable {
    package var key: SessionKey
    /// `SessionID.home(of:loopCount:)` names the loop that is to have it.
    package var id: String
    package var identity: String
    /// SHA-256 of the token of its key; nil for `anonymous`.
    package var keyDigest: Digest?
    /// SHA-256 of each of its own tokens, in the order in which they were given out.
    package var tokens: [Digest]
    package var nextSubscriptionNumber: Int
    /// Offsets that will never be delivered, and of which its client may not know.
    package var gaps: [ClosedRange<Int64>]
    /// The last offset that was given out.
    package var lastOffset: Int64

    package init(
        key: SessionKey, id: String, identity: String, keyDigest: Digest?, tokens: [Digest],
        nextSubscriptionNumber: Int, gaps: [ClosedRange<Int64>], lastOffset: Int64
    ) {
        self.key = key
        self.id = id
        self.identity = identity
        self.keyDigest = keyDigest
        self.tokens = tokens
        self.nextSubscriptionNumber = nextSubscriptionNumber
        self.gaps = gaps
        self.lastOffset = lastOffset
    }
}

/// A subscription, as it was asked for.
package struct StoredSubscription: Sendable, Hashable {
    /// Names it within its session.
    package struct Name: Sendable, Hashable {
        package var session: SessionKey
        package var number: Int

        package init(session: SessionKey, number: Int) {
            self.session = session
            self.number = number
        }
    }

    package var name: Name
    /// Index into `ShardConfiguration.channels`: the store keeps the channel's name.
    package var channel: Int
    package var topic: [UInt8]
    /// The filter's JSON text; empty without one.
    package var filter: [UInt8]
    package var isGuaranteed: Bool
    package var priority: Priority?
    package var conflateInterval: Interval?
    package var conflateBy: String?

    package init(
        name: Name, channel: Int, topic: [UInt8], filter: [UInt8], isGuaranteed: Bool, priority: Priority?,
        conflateInterval: Interval?, conflateBy: String?
    ) {
        self.name = name
        self.channel = channel
        self.topic = topic
        self.filter = filter
        self.isGuaranteed = isGuaranteed
        self.priority = priority
        self.conflateInterval = conflateInterval
        self.conflateBy = conflateBy
    }
}

/// A guaranteed event that a session has not acknowledged, by reference to its body.
package struct OutboxRow: Sendable, Hashable {
    package var session: SessionKey
    package var offset: Int64
    package var event: EventID
    package var priority: Priority
    package var isRetained: Bool

    package init(session: SessionKey, offset: Int64, event: EventID, priority: Priority, isRetained: Bool) {
        self.session = session
        self.offset = offset
        self.event = event
        self.priority = priority
        self.isRetained = isRetained
    }
}

/// Rows that go: those of a session up to an offset, and some above it.
package struct OutboxSettlement: Sendable, Hashable {
    package var session: SessionKey
    package var through: Int64
    package var others: [Int64]
    /// The session's `lastOffset` now: its last row may be among those that go.
    package var lastOffset: Int64
    /// The session's `gaps` now, where they have changed and the session itself does not come along: rows that died must
    /// not go without them. nil: as they are.
    package var gaps: [ClosedRange<Int64>]?

    package init(
        session: SessionKey, through: Int64, others: [Int64], lastOffset: Int64, gaps: [ClosedRange<Int64>]? = nil
    ) {
        self.session = session
        self.through = through
        self.others = others
        self.lastOffset = lastOffset
        self.gaps = gaps
    }
}

/// A key under which an event was published.
package struct StoredPublishKey: Sendable, Hashable {
    /// Its channel is an index into `ShardConfiguration.channels`: the store keeps the channel's name.
    package var key: PublishKey
    package var event: EventID
    /// The store may forget it from then on.
    package var until: WallTime

    package init(key: PublishKey, event: EventID, until: WallTime) {
        self.key = key
        self.event = event
        self.until = until
    }
}
