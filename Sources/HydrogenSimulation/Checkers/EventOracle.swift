import HydrogenProtocol

/// Watches events from outside of the server: who subscribed to what is read from the wire, and so is what came of it.
///
/// - An event goes to nobody who did not ask for it, and to nobody twice.
/// - An event that was published in good order reaches every connection that had subscribed before, keeps up, and is not
///   being closed, within `patience`.
///
/// What is guaranteed outlives connections: `DeliveryOracle` watches that.
struct EventOracle {
    /// A subscription of a client's session.
    struct Subscription {
        enum Phase: UInt8 {
            /// The server has the request; its answer is due.
            case asked
            /// Answered: what matches must come.
            case active
            /// It is being given up: what matches may come.
            case leaving
        }

        var phase: Phase
        /// The command that asked for it.
        var command: UInt32
        /// The server's number for it, once it is active.
        var number: UInt32 = 0
        /// Index into `plans`.
        var plan: UInt32
        /// It survives a crash if the store was calm since.
        var keptFrom = Int64.max
    }

    /// What came of a publish under a key.
    struct Keyed {
        var key: Int
        var publish: UInt32
        /// Of the id of its event, where that is guaranteed; else 0.
        var hash: UInt64
    }

    /// One client.
    struct Client {
        var subscriptions: [Subscription] = []
        /// Other clients that have the same session: what one of them subscribes to may come to any.
        var companions: [UInt32] = []
        /// The subscriptions of the session that it is about to steal.
        var stolen: [Subscription] = []
        /// Publishes that must come, by number, and since when they are waited for.
        var awaited: [(publish: UInt32, since: Int64)] = []
        /// The publishes that came last, for repeats.
        var latest: [UInt32] = []
        var nextLatest = 0
        /// Whether its connection is known to have the session that it subscribed in.
        var isAttached = false
        /// When something happened that excuses the server from sending it an event.
        var disturbedAt: Int64 = -1
        /// Commands `publish` that are not answered.
        var publishes: [(command: UInt32, publish: UInt32)] = []
        /// The publishes under keys that somebody got.
        var keyed: [Keyed] = []
        /// When keys were published under, on which channel.
        var claims: [(key: Int, channel: Int, publish: UInt32, at: Int64)] = []
    }

    /// How long an event may take from its publish to the transports of all subscribers.
    private static let patience = Interval.milliseconds(500)
    /// How many of the last events of a client are compared for repeats.
    private static let rememberedCount = 32

    let plans: [CompiledSubscription]
    var clients: [Client] = []
    /// Clients that have subscribed, in the order of their first time.
    private(set) var subscribers: [UInt32] = []
    private(set) var publishes = PublishLog()
    /// Whether keys outlive a crash: not where the wall clock is set, by which they end then.
    var keepsKeys = true
    /// Keys of publishes that were first taken before are forgotten.
    var keysForgottenAt: Int64 = 0

    init(_ plans: [CompiledSubscription]) { self.plans = plans }

    mutating func makeClients(_ count: Int) { self.clients = (0..<count).map { _ in Client() } }

    /// The server is gone, and everything that it owed.
    mutating func removeAll() {
        for index in self.clients.indices {
            self.clients[index].subscriptions.removeAll(keepingCapacity: true)
            self.clients[index].awaited.removeAll(keepingCapacity: true)
            self.clients[index].publishes.removeAll(keepingCapacity: true)
            self.clients[index].keyed.removeAll(keepingCapacity: true)
            self.clients[index].claims.removeAll(keepingCapacity: true)
        }
    }

    /// Something about a client excuses the server from sending it what is published now, or was just now.
    mutating func disturb(_ client: UInt32, at now: Instant) {
        self.clients[Int(client)].disturbedAt = now.nanoseconds
        self.clients[Int(client)].awaited.removeAll(keepingCapacity: true)
    }

    /// A client has a new connection: which session it will have is open.
    mutating func connected(_ client: UInt32, at now: Instant) {
        self.disturb(client, at: now)
        self.clients[Int(client)].isAttached = false
    }

    /// A client is in its session; in a new one it has no subscriptions.
    mutating func sessionBegan(_ client: UInt32, isResumed: Bool, at now: Instant) {
        self.disturb(client, at: now)
        self.clients[Int(client)].isAttached = true
        guard !isResumed else { return }
        self.leaveCompanions(client)
        self.forgetCommands(of: client)
        self.clients[Int(client)].subscriptions.removeAll(keepingCapacity: true)
        self.clients[Int(client)].latest.removeAll(keepingCapacity: true)
        self.clients[Int(client)].nextLatest = 0
    }

    /// A client numbers its commands anew, or sends again those that nobody answered.
    private mutating func forgetCommands(of client: UInt32) {
        self.clients[Int(client)].publishes.removeAll(keepingCapacity: true)
    }

    /// A client is about to go on in the session of another, and with the numbers of its commands.
    mutating func willShare(_ other: UInt32, with client: UInt32) {
        self.forgetCommands(of: client)
        self.clients[Int(client)].stolen = self.clients[Int(other)].subscriptions
    }

    /// A client goes on in the session of another.
    /// - Parameter hasLeft: that one has a new session since then.
    mutating func shares(_ other: UInt32, with client: UInt32, hasLeft: Bool) {
        let stolen = self.clients[Int(client)].stolen
        self.clients[Int(client)].subscriptions = hasLeft ? stolen : self.clients[Int(other)].subscriptions
        self.clients[Int(client)].latest.removeAll(keepingCapacity: true)
        self.clients[Int(client)].nextLatest = 0
        if !self.subscribers.contains(client) { self.subscribers.append(client) }
        self.leaveCompanions(client)
        guard !hasLeft else { return }
        let companions = [other] + self.clients[Int(other)].companions.filter { $0 != client }
        for companion in companions where !self.clients[Int(companion)].companions.contains(client) {
            self.clients[Int(companion)].companions.append(client)
        }
        self.clients[Int(client)].companions = companions
    }

    /// A client has its session for itself.
    private mutating func leaveCompanions(_ client: UInt32) {
        for other in self.clients[Int(client)].companions {
            self.clients[Int(other)].companions.removeAll { $0 == client }
        }
        self.clients[Int(client)].companions = []
    }

    /// Numbers a publish that a client is about to send.
    mutating func add(_ publish: Publish) -> UInt32 { self.publishes.append(publish) }

    func isDeferred(_ number: UInt32) -> Bool { self.publishes[number]?.isDeferred ?? false }

    func sentAt(_ number: Int64) -> Int64? { UInt32(exactly: number).flatMap { self.publishes[$0]?.sentAt } }
}

extension EventOracle {
    /// A command that means something for events is in the server's hands.
    /// - Returns: a publish that subscribers must get from now on.
    mutating func taken(_ note: CommandNote, command: UInt32, of client: UInt32, at now: Instant) -> UInt32? {
        let index = Int(client)
        switch note {
        case .none, .resume, .ack, .ackID:
            break
        case .subscribe(let plan):
            if self.clients[index].subscriptions.isEmpty, !self.subscribers.contains(client) {
                self.subscribers.append(client)
            }
            self.clients[index].subscriptions.append(Subscription(phase: .asked, command: command, plan: plan))
        case .unsubscribe(let number):
            for place in self.clients[index].subscriptions.indices
            where self.clients[index].subscriptions[place].number == number {
                self.clients[index].subscriptions[place].phase = .leaving
            }
            self.disturb(client, at: now)
        case .publish(let number):
            self.clients[index].publishes.removeAll { $0.command == command }
            self.clients[index].publishes.append((command, number))
            // A publish under a key may be sent more than once; only the first time counts.
            guard let publish = self.publishes[number] else { break }
            self.publishes.change(number) {
                $0.lastTakenAt = now.nanoseconds
                if $0.takenAt == 0 { $0.takenAt = now.nanoseconds }
            }
            // Under a key that is taken it publishes nothing. One that is sent again takes its key again after a crash.
            let isFirst = publish.key.map { self.isFirst(under: $0, number, publish, at: now) } ?? true
            guard publish.takenAt == 0 else { break }
            return isFirst ? number : nil
        }
        return nil
    }

    /// From now on a client waits for a publish, if one of its subscriptions matches it. One that conflates may hold it
    /// back for long.
    mutating func await(_ number: UInt32, _ client: UInt32, at now: Instant) {
        let subscriptions = self.clients[Int(client)].subscriptions
        guard self.clients[Int(client)].isAttached, self.clients[Int(client)].disturbedAt < now.nanoseconds,
            self.clients[Int(client)].companions.isEmpty,
            !subscriptions.contains(where: { self.plans[Int($0.plan)].conflates }),
            let publish = self.publishes[number], !publish.isGuaranteed
        else { return }
        let matching = subscriptions.filter { $0.phase == .active && self.plans[Int($0.plan)].matches(publish) }
        // What one of them makes guaranteed may wait for acknowledgements.
        if !matching.isEmpty, !matching.contains(where: { self.plans[Int($0.plan)].isGuaranteed }) {
            self.clients[Int(client)].awaited.append((number, now.nanoseconds))
        }
    }

    private func hasAsked(_ client: UInt32, for event: WrittenEvent) -> Bool {
        self.hasSubscribed(client, to: event)
            || self.clients[Int(client)].companions.contains { self.hasSubscribed($0, to: event) }
    }

    private func hasSubscribed(_ client: UInt32, to event: WrittenEvent) -> Bool {
        self.clients[Int(client)].subscriptions.contains { self.plans[Int($0.plan)].matches(event) }
    }

    /// The response to a command of a client was written.
    /// - Parameter keptFrom: it survives a crash if the store was calm since.
    mutating func answered(
        _ command: UInt32, _ answer: WrittenAnswer, of client: UInt32, keptFrom: Int64, at now: Instant
    ) {
        let index = Int(client)
        if let place = self.clients[index].subscriptions.firstIndex(where: { $0.command == command && $0.phase == .asked }) {
            if answer.isOk, let subscription = answer.subscription {
                self.clients[index].subscriptions[place].phase = .active
                self.clients[index].subscriptions[place].number = subscription
                self.clients[index].subscriptions[place].keptFrom = keptFrom
            } else {
                self.clients[index].subscriptions.remove(at: place)
            }
        }
        guard let place = self.clients[index].publishes.firstIndex(where: { $0.command == command }) else { return }
        let publish = self.clients[index].publishes[place].publish
        self.clients[index].publishes.remove(at: place)
        let isAnother = self.isAnotherUnderItsKey(publish, answer.eventHash)
        self.publishes.change(publish) {
            if answer.isOk, !$0.isAccepted, !isAnother {
                $0.isAccepted = true
                $0.acceptedAt = now.nanoseconds
            }
            if answer.isCommitRefused, $0.takenAt == $0.lastTakenAt { $0.hasFailed = true }
            $0.eventHash = answer.eventHash
        }
    }

    /// An event that is no system event was written to a client.
    /// - Returns: what is wrong with that.
    mutating func written(_ event: WrittenEvent, to client: UInt32, at now: Instant) -> String? {
        let index = Int(client)
        if let fault = self.keyFault(of: event) ?? self.failureFault(of: event) { return fault }
        // One that is forgotten may have been for all.
        let isForAll = event.publish.map { self.publishes[$0]?.isForAll ?? ($0 < self.publishes.count) } ?? false
        guard isForAll || self.hasAsked(client, for: event) else { return "client \(client) did not ask for event \(event)" }
        guard let number = event.publish, !event.isRetained, event.offset == 0 else { return nil }
        if let place = self.clients[index].awaited.firstIndex(where: { $0.publish == number }) {
            self.clients[index].awaited.remove(at: place)
        }
        guard !self.clients[index].latest.contains(number) else { return "event \(number) came twice to client \(client)" }
        if self.clients[index].latest.count < Self.rememberedCount {
            self.clients[index].latest.append(number)
        } else {
            self.clients[index].latest[self.clients[index].nextLatest] = number
            self.clients[index].nextLatest = (self.clients[index].nextLatest + 1) % Self.rememberedCount
        }
        return nil
    }

    /// Events that did not come in time.
    mutating func overdue(at now: Instant) -> [String] {
        let latest = now.nanoseconds - Self.patience.nanoseconds
        var faults: [String] = []
        for client in self.subscribers {
            let index = Int(client)
            while let first = self.clients[index].awaited.first, first.since < latest {
                self.clients[index].awaited.removeFirst()
                guard self.publishes[first.publish]?.isAccepted ?? false else { continue }
                faults.append("event \(first.publish) was accepted and did not come to client \(client)")
            }
        }
        return faults
    }
}
