import HydrogenCrypto
import HydrogenProtocol

/// What one turn of a loop wants kept, to be committed whole or not at all: `Effect.store` hands it to the store, which
/// answers each with `Mail.stored`.
///
/// Batches of one loop are committed in the order in which they come, and answered in it; one transaction may take
/// several, of several loops. One with nothing in it asks whether the store works, and is answered after those before it.
/// Within a batch the parts apply in the order of these properties. Everything is a state, not a difference: a batch that
/// was committed and comes again changes nothing.
package struct StoreBatch: Sendable {
    package var loop: LoopIndex
    /// Rises by one per batch of its loop.
    package var ticket: UInt64
    /// Sessions that are new or have changed; each takes the place of the one with its key.
    package var sessions: [StoredSession] = []
    /// Subscriptions that are new; each takes the place of the one with its session and number.
    package var subscriptions: [StoredSubscription] = []
    package var removedSubscriptions: [StoredSubscription.Name] = []
    /// The bodies that rows, retained events and publish keys of this batch refer to, each once. The store may know one already.
    package var events: [PublishedEvent] = []
    /// Rows of a session that is not there are left out.
    package var rows: [OutboxRow] = []
    package var settlements: [OutboxSettlement] = []
    /// Each is the last event of its action, unless the store has one with a higher `sequence`. Of all, the store keeps
    /// the `MaxRetained` with the highest.
    package var retained: [EventID] = []
    package var publishKeys: [StoredPublishKey] = []
    /// Sessions that have ended: everything of theirs goes.
    package var endedSessions: [SessionKey] = []

    package init(loop: LoopIndex, ticket: UInt64) {
        self.loop = loop
        self.ticket = ticket
    }

    package var isEmpty: Bool { self.onlyRemoves && self.removesNothing }

    private var removesNothing: Bool {
        self.removedSubscriptions.isEmpty && self.settlements.isEmpty && self.endedSessions.isEmpty
    }

    /// Batches of one loop that wait for their answer at the most: so many places its mailbox keeps for answers.
    package static let maximumInFlight = 64

    /// Whether it makes the store smaller: it is to be committed also where the store is as large as it may be.
    package var onlyRemoves: Bool {
        self.sessions.isEmpty && self.subscriptions.isEmpty && self.events.isEmpty && self.rows.isEmpty
            && self.retained.isEmpty && self.publishKeys.isEmpty
    }
}

/// What became of a batch.
package struct StoreAnswer: Sendable {
    package var ticket: UInt64
    package var isStored: Bool
    /// How long the commit took. Told with one of the answers that a commit gives, nil with the others.
    package var commit: Interval?

    package init(ticket: UInt64, isStored: Bool, commit: Interval?) {
        self.ticket = ticket
        self.isStored = isStored
        self.commit = commit
    }
}
