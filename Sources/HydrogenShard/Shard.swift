import HydrogenConnection
import HydrogenMetrics
import HydrogenProtocol

/// One loop's whole world: connections, sessions, subscriptions, send queues and counters, owned by one thread and by
/// nobody else. It is told what happened and what time it is; what must be done comes back as effects. It does no I/O,
/// reads no clock and draws no random number, so production, simulation and replay run the same code.
///
/// After each call the driver polls `nextEffect()` until it is nil. Nothing of the transport but `write` may be called
/// while the shard is being called.
package struct Shard: ~Copyable {
    private let addressOnly = AddressOnly()

    let configuration: ShardConfiguration
    let loop: LoopIndex
    let ledger: LedgerView
    let places: PlacesView
    let metrics: ShardMetrics
    let snapshots: SnapshotCell

    var policy: ShardPolicy
    var keys: KeyRing
    var counters: LoopCounters

    var connections = ConnectionTable()
    var sessions = SessionTable()
    var subscriptions = SubscriptionTable()
    var commands = CommandTable()
    var tickets = TicketTable()
    var channels: ChannelDirectory
    /// Those of the policy, ready to be looked up.
    var signedActions: SignedActionTable
    var retained: RetainedEvents
    var publishKeys: PublishKeyTable
    var publications = SlotTable<Publication>()
    var services: ServiceQuota
    /// Only with the durable store.
    var store: StoreLog?
    /// What waits for the commits of other loops' publishes, and of our own.
    var prepared = SlotTable<Prepared>()
    /// What the event in hand is put into, while it is prepared.
    var preparing: Prepared?
    var attachments = AttachmentTable()
    var links: LinkTable

    var connectionDeadlines = DeadlineHeap()
    /// By slot of the subscription: when its first conflated event is due.
    var conflationDeadlines = DeadlineHeap()
    /// By slot of the session: until when it waits for its client.
    var sessionExpiries = DeadlineHeap()
    /// By slot of the session: when its first ack may be overdue.
    var ackDeadlines = DeadlineHeap()
    /// Events that will never be delivered, to be announced at the end of the turn.
    var deadLetters: [DeadLetter] = []
    /// By slot of the connection: when its key expires, in milliseconds of the wall clock.
    var keyExpiries = DeadlineHeap()
    /// When `keyExpiries` is looked at next.
    var nextKeyCheck: Instant?

    /// Bytes that are held for peers, and their bound.
    var heldByteCount = 0
    let maximumHeldByteCount: Int

    var outgoing = OutgoingFrames(maximumEntryByteCount: Shard.maximumBatchByteCount)
    /// Connections that this pass must write to.
    var flushList: [ConnectionID] = []
    /// Connections whose transport ended in this turn.
    var closedThisTurn: [ConnectionID] = []
    /// Where frames of one connection are put together; at most `maximumBatchByteCount`, or one frame.
    var batch: [UInt8] = []
    /// The sizes of the payloads of the sendings in `batch`, in order; 0 for one that needed no sending any more.
    var composed: [Int] = []
    /// Where the tail of an event is put together.
    var tail: [UInt8] = []

    var effects = EffectQueue()
    /// The steps of machines since they were taken; nil while nobody wants them.
    var journal: [MachineStep]?
    var entropy = EntropyPool()
    var reader = EnvelopeReader()
    var writer = EnvelopeWriter()
    var inboundBuffers = InboundBuffers()
    var eventNumber: UInt64 = 0
    var eventOrigin: UInt64 = 0
    /// Names the event that is being fanned out.
    var fanOutEpoch: UInt64 = 0
    /// The sessions that the event in hand matches, in the order of their first subscription.
    var matchedSessions: [UInt32] = []
    /// The subscriptions whose topic it matches.
    var matchedSubscriptions: [UInt32] = []
    /// The members of its data, for filters.
    var eventData = EventData()
    var drain: Drain?

    /// The blocks that this loop has set.
    var blocks = BlockWatch()
    /// Loops that are to close the connections of a blocked identity and have not been told; when to try again.
    var blockNotices = Queue<(offender: Offender, loop: LoopIndex)>()
    var nextBlockNotice: Instant?
    var dryRunReports = DryRunReports()

    /// - Parameters:
    ///   - places: the mailboxes of all loops.
    ///   - metrics: the table that `counters` is laid out by.
    ///   - snapshots: where the counters are published to.
    ///   - tape: takes down what shared state answers, or gives it in its place.
    package init(
        configuration: ShardConfiguration, policy: ShardPolicy, keys: KeyRing, loop: LoopIndex,
        ledger: SharedLedger, places: MailPlaces, metrics: ShardMetrics, snapshots: SnapshotCell,
        tape: AnswerTape? = nil
    ) {
        self.configuration = configuration
        self.policy = policy
        self.keys = keys
        self.loop = loop
        self.ledger = LedgerView(ledger, tape)
        self.places = PlacesView(places, tape)
        self.metrics = metrics
        self.snapshots = snapshots
        self.counters = LoopCounters(metrics.table)
        self.channels = ChannelDirectory(configuration.channels)
        self.signedActions = SignedActionTable(policy.signedActions, channels: self.channels)
        self.retained = RetainedEvents(maximumCount: configuration.maxRetained)
        self.publishKeys = PublishKeyTable(
            maximumCount: (configuration.maxPublishKeys + places.loopCount - 1) / places.loopCount)
        self.services = ServiceQuota(channels: configuration.channels)
        self.links = LinkTable(loopCount: places.loopCount)
        self.store = configuration.delivery.isDurable ? StoreLog() : nil
        self.maximumHeldByteCount = configuration.maximumHeldByteCount(loopCount: places.loopCount)
    }

    /// Contexts that are not freed.
    package var connectionCount: Int { self.connections.count }

    /// The counters as they are now, laid out by the table of metrics.
    package func withCounters(_ body: (Span<Int64>) -> Void) { self.counters.withWords(body) }

    package var hasEffects: Bool { !self.effects.isEmpty }

    /// What is to be done next, in order.
    package mutating func nextEffect() -> Effect? { self.effects.next() }

    /// How many random bytes the driver should supply now.
    package var entropyNeededCount: Int { self.entropy.neededCount }

    /// Random bytes, from a source fit for keys. What is not used yet stays.
    package mutating func supply(entropy bytes: Span<UInt8>) {
        self.entropy.supply(bytes)
        guard self.eventOrigin == 0, let origin = self.entropy.takeWord(), let seed = self.entropy.takeWord() else { return }
        self.eventOrigin = origin
        // No session is made without entropy, and so no subscription before this.
        self.channels.seedTopics(seed)
    }

    /// When the first time-out of a connection has come: `advance` must be called then, or a little later. These are many,
    /// and of seconds, so that a driver may let them wait for each other.
    package var nextTimeout: Instant? { self.connectionDeadlines.earliest }

    /// When `advance` must be called at the latest for all else.
    package var nextDeadline: Instant? {
        mutating get {
            var earliest = self.conflationDeadlines.earliest
            Self.keepEarlier(&earliest, self.sessionExpiries.earliest)
            Self.keepEarlier(&earliest, self.ackDeadlines.earliest)
            Self.keepEarlier(&earliest, self.links.retryAt)
            Self.keepEarlier(&earliest, self.store?.dueAt)
            Self.keepEarlier(&earliest, self.store?.retryAt)
            Self.keepEarlier(&earliest, self.commands.earliestDeadline())
            Self.keepEarlier(&earliest, self.nextKeyCheck)
            Self.keepEarlier(&earliest, self.drain?.nextCloseAt)
            Self.keepEarlier(&earliest, self.blocks.earliestEnd)
            Self.keepEarlier(&earliest, self.nextBlockNotice)
            return earliest
        }
    }

    private static func keepEarlier(_ earliest: inout Instant?, _ other: Instant?) {
        guard let other else { return }
        if let known = earliest, known <= other { return }
        earliest = other
    }
}
