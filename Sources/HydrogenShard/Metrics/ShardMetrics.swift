import HydrogenConnection
import HydrogenMetrics
import HydrogenProtocol

/// The table of Hydrogen's metrics: every name and label value is declared here, and here alone. Each loop counts for
/// itself; a scrape adds the loops up.
///
/// To add a metric: declare its block here, count it where the thing happens, add its row to the README's table.
package struct ShardMetrics: Sendable {
    package private(set) var table = MetricsTable(prefix: "hydrogen_")

    package let connections: SeriesBlock
    package let accepted: SeriesBlock
    package let closed: SeriesBlock
    package let handshakesRejected: SeriesBlock
    package let transitions: SeriesBlock
    package let errors: SeriesBlock
    package let received: SeriesBlock
    package let sent: SeriesBlock
    package let receivedBytes: SeriesBlock
    package let sentBytes: SeriesBlock
    package let rateLimited: SeriesBlock
    package let blocked: SeriesBlock
    package let blocks: SeriesBlock
    package let commands: SeriesBlock
    package let commandDuration: HistogramBlock
    package let heartbeatRoundTrip: HistogramBlock
    package let heartbeatsSent: SeriesBlock
    package let heartbeatsMissed: SeriesBlock
    package let revived: SeriesBlock
    package let sessions: SeriesBlock
    package let sessionsResumed: SeriesBlock
    package let subscriptions: SeriesBlock
    package let eventsPublished: SeriesBlock
    package let deliveries: SeriesBlock
    package let outboxEnqueued: SeriesBlock
    package let outboxEvents: SeriesBlock
    package let deliveryLatency: HistogramBlock
    package let sendQueueBytes: SeriesBlock
    package let contexts: SeriesBlock
    package let contextsFreed: SeriesBlock
    package let orphansCollected: SeriesBlock
    package let staleReferences: SeriesBlock
    package let loopIteration: HistogramBlock
    package let mailboxMessages: SeriesBlock
    package let storeCommit: HistogramBlock
    package let storeFailures: SeriesBlock

    /// The last series of `commands` and of `commandDuration`: a channel that nobody registered.
    package let otherChannel: Int

    /// Indices of `received`.
    enum ReceivedType: Int, CaseIterable { case command, ack, invalid }
    /// Indices of `sent`.
    enum SentType: Int, CaseIterable { case event, response }
    /// Indices of `sessions`.
    package enum SessionState: Int, CaseIterable { case live, detached }
    /// Indices of `sessionsResumed`.
    enum ResumeOutcome: Int, CaseIterable {
        case resumed, takenOver, refused

        var label: String {
            switch self {
            case .resumed: "resumed"
            case .takenOver: "taken_over"
            case .refused: "refused"
            }
        }
    }
    /// Indices of `deliveries`.
    package enum DeliveryOutcome: Int, CaseIterable { case sent, retried, acked, dropped, dead, expired }

    /// The phase of a context, as `contexts` names it; a freed one is not counted.
    private static let phases = ["allocated", "in_use", "marked_for_deletion", "zombie"]

    /// From 100 µs to 100 s, in steps of about 3.
    private static let durations: [Int64] = [
        100_000, 300_000, 1_000_000, 3_000_000, 10_000_000, 30_000_000, 100_000_000, 300_000_000,
        1_000_000_000, 3_000_000_000, 10_000_000_000, 30_000_000_000, 100_000_000_000,
    ]

    /// - Parameter channels: the names of all registered channels, in the order of `ShardConfiguration.channels`.
    package init(channels: [String]) {
        let states = ConnectionStateMachine.Kind.allCases
        let channelSeries = channels.map { [$0] }
        self.otherChannel = channels.count
        let commandChannels = channels + ["other"]

        self.connections = self.table.gauge(
            "connections", help: "Connections by state.", labels: ["state"], series: states.map { ["\($0.label)"] })
        self.accepted = self.table.counter("connections_accepted_total", help: "Sockets accepted.")
        self.closed = self.table.counter(
            "connections_closed_total", help: "Connections that were established and ended, by close code.",
            labels: ["code"], series: CloseCode.allCases.map { ["\($0.rawValue)"] })
        self.handshakesRejected = self.table.counter(
            "handshakes_rejected_total", help: "Opening handshakes refused, by error.",
            labels: ["code"], series: ErrorCode.allCases.map { [$0.qualifiedName] })
        self.transitions = self.table.counter(
            "state_transitions_total", help: "Transitions of the connection state machine.",
            labels: ["from", "to"],
            series: StateMachineTable.legalTransitions.map { ["\($0.from.label)", "\($0.to.label)"] })
        self.errors = self.table.counter(
            "errors_total", help: "Errors by category and code.", labels: ["category", "code"],
            series: ErrorCode.allCases.map { [$0.category.rawValue, "\($0.name)"] })
        self.received = self.table.counter(
            "messages_received_total", help: "Messages received.", labels: ["type"],
            series: ReceivedType.allCases.map { ["\($0)"] })
        self.sent = self.table.counter(
            "messages_sent_total", help: "Messages written to a socket.", labels: ["type"],
            series: SentType.allCases.map { ["\($0)"] })
        self.receivedBytes = self.table.counter("received_bytes_total", help: "Payload bytes received.")
        self.sentBytes = self.table.counter("sent_bytes_total", help: "Payload bytes sent.")
        self.rateLimited = self.table.counter(
            "rate_limited_total", help: "What a limit refused.", labels: ["limit"],
            series: LimitName.allCases.map { [$0.label] })
        self.blocked = self.table.gauge(
            "blocked", help: "Blocked now.", labels: ["kind", "reason"], series: Self.blockSeries)
        self.blocks = self.table.counter(
            "blocks_total", help: "Blocks set.", labels: ["kind", "reason"], series: Self.blockSeries)
        self.commands = self.table.counter(
            "commands_total", help: "Commands answered.", labels: ["channel", "status"],
            series: commandChannels.flatMap { [[$0, "ok"], [$0, "error"]] })
        self.commandDuration = self.table.histogram(
            "command_duration_seconds", help: "From a command's last byte to its response.",
            bucketsNanoseconds: Self.durations, labels: ["channel"], series: commandChannels.map { [$0] })
        self.heartbeatRoundTrip = self.table.histogram(
            "heartbeat_rtt_seconds", help: "From a ping to its pong.", bucketsNanoseconds: Self.durations)
        self.heartbeatsSent = self.table.counter("heartbeats_sent_total", help: "Pings sent.")
        self.heartbeatsMissed = self.table.counter(
            "heartbeats_missed_total", help: "Pings that were not answered in time.")
        self.revived = self.table.counter(
            "connections_revived_total", help: "Inactive connections that were heard from again.")
        self.sessions = self.table.gauge(
            "sessions", help: "Sessions, with a connection or waiting for one.", labels: ["state"],
            series: SessionState.allCases.map { ["\($0)"] })
        self.sessionsResumed = self.table.counter(
            "sessions_resumed_total", help: "Attempts to resume a session.", labels: ["outcome"],
            series: ResumeOutcome.allCases.map { [$0.label] })
        self.subscriptions = self.table.gauge(
            "subscriptions", help: "Subscriptions by channel.", labels: ["channel"], series: channelSeries)
        self.eventsPublished = self.table.counter(
            "events_published_total", help: "Events accepted.", labels: ["channel"], series: channelSeries)
        self.deliveries = self.table.counter(
            "deliveries_total", help: "Deliveries of events to sessions, by what became of them.",
            labels: ["outcome"], series: DeliveryOutcome.allCases.map { ["\($0)"] })
        self.outboxEnqueued = self.table.counter(
            "outbox_enqueued_total", help: "Guaranteed events put into an outbox.")
        self.outboxEvents = self.table.gauge("outbox_events", help: "Guaranteed events not acked yet.")
        self.deliveryLatency = self.table.histogram(
            "delivery_latency_seconds", help: "From the publish of an event to the write on a socket.",
            bucketsNanoseconds: Self.durations)
        self.sendQueueBytes = self.table.gauge(
            "send_queue_bytes", help: "Bytes that wait for peers which read slowly.")
        self.contexts = self.table.gauge(
            "contexts", help: "Connection contexts by phase.", labels: ["phase"], series: Self.phases.map { [$0] })
        self.contextsFreed = self.table.counter("contexts_freed_total", help: "Contexts freed.")
        self.orphansCollected = self.table.counter(
            "orphans_collected_total", help: "Contexts freed although a service still held them.")
        self.staleReferences = self.table.counter(
            "stale_references_total", help: "Late answers, and acks, that named nothing any more.")
        self.loopIteration = self.table.histogram(
            "loop_iteration_seconds", help: "Work of one pass of a loop.",
            bucketsNanoseconds: [10_000, 30_000] + Self.durations, scope: .perLoop)
        self.mailboxMessages = self.table.gauge(
            "loop_mailbox_messages", help: "Places taken in a loop's mailbox.", scope: .perLoop)
        self.storeCommit = self.table.histogram(
            "store_commit_seconds", help: "Commits of the durable store.", bucketsNanoseconds: Self.durations)
        self.storeFailures = self.table.counter("store_failures_total", help: "Commits that failed.")
    }

    /// In the order of `BlockDescription.series`.
    private static let blockSeries = ["address", "identity"].flatMap { kind in
        OffenceReason.allCases.map { [kind, $0.label] }
    }

    /// The series of `closed` for a code of the wire. A peer may close with a code that the contract does not list; it
    /// counts as 1005: closed in order, for no reason that we know.
    static func closedSeries(_ code: UInt16) -> Int {
        CloseCode.allCases.firstIndex(of: CloseCode(rawValue: code) ?? .noStatus) ?? 0
    }

    /// The series of `contexts` that a state belongs to; nil once freed.
    static func contextSeries(_ kind: ConnectionStateMachine.Kind) -> Int? {
        switch kind.phase {
        case .allocated: 0
        case .inUse: 1
        case .markedForDeletion: 2
        case .zombie: 3
        case .freed: nil
        }
    }
}
