extension ConnectionStateMachine {
    /// The twelve states. A case's place is its index in tables of metrics.
    package enum Kind: UInt8, Sendable, CaseIterable {
        /// The socket is accepted; TLS and the HTTP request are arriving.
        /// Request read → `verifying`; `HandshakeTimeout` or the transport's end → `failed`.
        case connecting
        /// The request is being checked.
        /// Accepted → `established`; refused → `rejected`; `HandshakeTimeout` or the transport's end → `failed`.
        case verifying
        /// Accepted: the 101 is on its way and the session is being created.
        /// Upgraded → `connected`; a fault, a close or `HandshakeTimeout` → `closing`; the transport's end → `closed`.
        case established
        /// In service; the peer was heard from within `HeartbeatInterval`.
        /// Silence → `heartbeat`; a close or a fault → `closing`; the transport's end → `closed`.
        case connected
        /// In service; a ping is out.
        /// Anything received → `connected`; silence for `HeartbeatTimeout` → `inactive`; a close → `closing`; the
        /// transport's end → `closed`.
        case heartbeat
        /// In service, but a heartbeat was missed: pings go on, and only what matters is queued.
        /// Anything received → `connected`; `InactiveTimeout` or `IdleTimeout` → `closing`; a close → `closing`; the
        /// transport's end → `closed`.
        case inactive
        /// No new work is taken; what is queued is written, then the close frame, all within `CloseTimeout`.
        /// The transport's end, by itself or forced → `closed`.
        case closing
        /// It never got an answer; its transport is being ended.
        /// At the end of the turn in which the transport is gone → `zombie` or `freed`.
        case failed
        /// Refused with an HTTP status, which is being written.
        /// At the end of the turn in which the transport is gone → `zombie` or `freed`.
        case rejected
        /// The transport is gone; timers and queues are released.
        /// At the end of the turn → `zombie` or `freed`.
        case closed
        /// Only references remain: commands at services.
        /// The last one released, or `ZombieTimeout` → `freed`.
        case zombie
        /// The slot is back in the pool under a new generation. Nothing happens any more.
        case freed

        /// The name in metrics, logs and diagrams.
        package var label: StaticString {
            switch self {
            case .connecting: "connecting"
            case .verifying: "verifying"
            case .established: "established"
            case .connected: "connected"
            case .heartbeat: "heartbeat"
            case .inactive: "inactive"
            case .closing: "closing"
            case .failed: "failed"
            case .rejected: "rejected"
            case .closed: "closed"
            case .zombie: "zombie"
            case .freed: "freed"
            }
        }

        /// What the kind means for the life of the context.
        package var phase: Phase {
            switch self {
            case .connecting, .verifying: .allocated
            case .established, .connected, .heartbeat, .inactive: .inUse
            case .closing, .failed, .rejected, .closed: .markedForDeletion
            case .zombie: .zombie
            case .freed: .freed
            }
        }

        /// Whether commands are taken and events delivered.
        package var isInService: Bool {
            switch self {
            case .connected, .heartbeat, .inactive: true
            case .connecting, .verifying, .established, .closing, .failed, .rejected, .closed, .zombie, .freed: false
            }
        }

        /// Whether the connection counts for `MaxConnections`.
        package var countsAsConnection: Bool {
            switch self {
            case .established, .connected, .heartbeat, .inactive, .closing: true
            case .connecting, .verifying, .failed, .rejected, .closed, .zombie, .freed: false
            }
        }
    }

    /// The life of a context: the `phase` label of `hydrogen_contexts`.
    package enum Phase: UInt8, Sendable, CaseIterable {
        case allocated, inUse, markedForDeletion, zombie, freed

        /// The name in metrics.
        package var label: StaticString {
            switch self {
            case .allocated: "allocated"
            case .inUse: "in_use"
            case .markedForDeletion: "marked_for_deletion"
            case .zombie: "zombie"
            case .freed: "freed"
            }
        }
    }
}
