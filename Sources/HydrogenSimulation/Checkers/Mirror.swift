import HydrogenConnection
import HydrogenProtocol
import HydrogenShard

/// The connections of the server as a checker knows them: from the steps of their machines, and from nothing else that
/// the shard says. Time-outs are computed here a second time, from the documents and not from the code.
struct Mirror {
    typealias Kind = ConnectionStateMachine.Kind

    /// One slot of a loop's table.
    struct Entry {
        var generation: UInt32 = 0
        var kind = Kind.freed
        /// Whose connection it is.
        var client: UInt32 = 0
        /// When its state was entered; until it is in service, when it was accepted.
        var since = Instant(nanoseconds: 0)
        var lastReceivedAt = Instant(nanoseconds: 0)
        var pingSentAt = Instant(nanoseconds: 0)
        /// When the message began that is not whole.
        var messageStartedAt: Instant?
    }

    /// One loop.
    struct Loop {
        var entries: [Entry] = []
        var counts = [Int64](repeating: 0, count: Kind.allCases.count)
        var freedCount: Int64 = 0
        var transitions = [Int64](repeating: 0, count: StateMachineTable.legalTransitions.count)
    }

    let timeouts: ConnectionStateMachine.Timeouts
    let messageTimeout: Interval
    private(set) var loops: [Loop] = []
    /// Over all lives of the server.
    private(set) var transitions = [UInt64](repeating: 0, count: StateMachineTable.legalTransitions.count)
    private(set) var coverage: [UInt64]
    /// By state and event: where it may lead, and what may be answered; bit sets of raw places.
    private let destinations: [UInt16]
    private let actions: [UInt32]

    private static let never = Instant(nanoseconds: Int64.max / 2)
    static let eventCount = ConnectionStateMachine.EventKind.allCases.count

    init(_ configuration: ShardConfiguration) {
        self.timeouts = configuration.timeouts
        self.messageTimeout = configuration.messageTimeout
        let pairCount = Kind.allCases.count * Self.eventCount
        self.coverage = [UInt64](repeating: 0, count: pairCount)
        var destinations = [UInt16](repeating: 0, count: pairCount)
        var actions = [UInt32](repeating: 0, count: pairCount)
        for row in StateMachineTable.rows {
            if case .programmingError = row.outcome { continue }
            let pair = Self.pair(row.from, row.event)
            destinations[pair] |= 1 << UInt16(row.to.rawValue)
            actions[pair] |= 1 << UInt32(row.action.place)
        }
        self.destinations = destinations
        self.actions = actions
        self.start(loopCount: 0)
    }

    /// A new server, without connections.
    mutating func start(loopCount: Int) { self.loops = (0..<loopCount).map { _ in Loop() } }

    mutating func removeAll() { self.loops = [] }

    @inline(__always)
    private static func pair(_ kind: Kind, _ event: ConnectionStateMachine.EventKind) -> Int {
        Int(kind.rawValue) * self.eventCount + event.place
    }

    /// The entry of a connection that is not freed.
    func entry(of id: ConnectionID, at loop: LoopIndex) -> Entry? {
        let entries = self.loops[loop].entries
        guard Int(id.slot) < entries.count, entries[Int(id.slot)].generation == id.generation,
            entries[Int(id.slot)].kind != .freed
        else { return nil }
        return entries[Int(id.slot)]
    }

    @inline(__always)
    func kind(of id: ConnectionID, at loop: LoopIndex) -> Kind {
        let slot = Int(id.slot)
        guard slot < self.loops[loop].entries.count, self.loops[loop].entries[slot].generation == id.generation
        else { return .freed }
        return self.loops[loop].entries[slot].kind
    }

    /// A loop has given out an id.
    /// - Returns: what is wrong with it.
    mutating func accepted(_ id: ConnectionID, at loop: LoopIndex, client: UInt32, now: Instant) -> String? {
        let slot = Int(id.slot)
        while self.loops[loop].entries.count <= slot { self.loops[loop].entries.append(Entry()) }
        let before = self.loops[loop].entries[slot]
        guard before.kind == .freed else { return "slot \(slot) is given out while it is \(before.kind.label)" }
        guard before.generation != id.generation else { return "slot \(slot) is given out under its old generation" }
        self.loops[loop].entries[slot] = Entry(
            generation: id.generation, kind: .connecting, client: client, since: now, lastReceivedAt: now, pingSentAt: now)
        self.loops[loop].counts[Int(Kind.connecting.rawValue)] += 1
        return nil
    }

    /// A chunk of a message was handed in.
    mutating func chunk(isFirst: Bool, isLast: Bool, of id: ConnectionID, at loop: LoopIndex, now: Instant) {
        if isFirst, isLast { return }
        let slot = Int(id.slot)
        guard slot < self.loops[loop].entries.count else { return }
        if isFirst { self.loops[loop].entries[slot].messageStartedAt = now }
        if isLast { self.loops[loop].entries[slot].messageStartedAt = nil }
    }

    /// Takes note of a step.
    /// - Returns: the rule that it breaks, and how.
    mutating func take(_ step: MachineStep, at loop: LoopIndex, now: Instant) -> (rule: Int, text: String)? {
        let slot = Int(step.id.slot)
        guard slot < self.loops[loop].entries.count else { return (1, "a step of a connection that nobody accepted") }
        var entry = self.loops[loop].entries[slot]
        let pair = Self.pair(step.before, step.event)
        self.coverage[pair] &+= 1
        guard entry.generation == step.id.generation, entry.kind == step.before else {
            return (3, "\(step.event) for slot \(slot), generation \(step.id.generation), in \(step.before.label)")
        }
        guard self.destinations[pair] & 1 << UInt16(step.after.rawValue) != 0,
            self.actions[pair] & 1 << UInt32(step.action.place) != 0
        else { return (1, "\(step.before.label) + \(step.event) → \(step.after.label), \(step.action)") }
        var fault: (rule: Int, text: String)?
        if case .deadlineReached = step.event { fault = self.timeFault(of: entry, step.action, now: now) }
        if Self.isSignOfLife(step.event) { entry.lastReceivedAt = now }
        if step.action.sendsPing { entry.pingSentAt = now }
        // Its end is forced: there is nothing more to wait for.
        if case .abort = step.action { entry.since = Self.never }
        if step.before != step.after { self.move(&entry, step, at: loop, now: now) }
        self.loops[loop].entries[slot] = entry
        return fault
    }

    private static func isSignOfLife(_ event: ConnectionStateMachine.EventKind) -> Bool {
        switch event {
        case .received, .pongReceived, .upgraded: true
        case .requestRead, .accepted, .refused, .closeReceived, .closeRequested, .queueDrained, .transportEnded,
            .referenceRetained, .referenceReleased, .turnEnded, .deadlineReached:
            false
        }
    }

    private mutating func move(_ entry: inout Entry, _ step: MachineStep, at loop: LoopIndex, now: Instant) {
        if let index = Transition(from: step.before, to: step.after).index {
            self.transitions[index] += 1
            self.loops[loop].transitions[index] += 1
        }
        self.loops[loop].counts[Int(step.before.rawValue)] -= 1
        if step.after == .freed {
            self.loops[loop].freedCount += 1
        } else {
            self.loops[loop].counts[Int(step.after.rawValue)] += 1
        }
        entry.kind = step.after
        if step.after != .verifying, step.after != .established { entry.since = now }
        if !step.after.isInService { entry.messageStartedAt = nil }
    }

    /// What is wrong with the time at which a deadline is acted on (rule 4).
    private func timeFault(
        of entry: Entry, _ action: ConnectionStateMachine.ActionKind, now: Instant
    ) -> (rule: Int, text: String)? {
        if case .ignored = action { return nil }
        guard let deadline = self.deadline(of: entry) else { return (4, "a deadline where none stands") }
        if now < deadline { return (4, "a deadline of \(entry.kind.label) comes \((deadline - now).milliseconds) ms early") }
        if deadline + VirtualClock.tick < now {
            return (4, "a deadline of \(entry.kind.label) comes \((now - deadline).milliseconds) ms late")
        }
        return nil
    }

    /// When something must happen to a connection by itself, as the documents say it.
    func deadline(of entry: Entry) -> Instant? {
        let timeouts = self.timeouts
        switch entry.kind {
        case .connecting, .verifying, .established:
            return entry.since + timeouts.handshake
        case .connected:
            if timeouts.heartbeatInterval > .zero { return entry.lastReceivedAt + timeouts.heartbeatInterval }
            let check = timeouts.heartbeatTimeout + timeouts.inactiveTimeout
            let silence = Interval(nanoseconds: timeouts.idleTimeout.nanoseconds - check.nanoseconds)
            return entry.lastReceivedAt + max(silence, timeouts.heartbeatTimeout)
        case .heartbeat:
            return entry.pingSentAt + timeouts.heartbeatTimeout
        case .inactive:
            let patience = min(entry.since + timeouts.inactiveTimeout, entry.lastReceivedAt + timeouts.idleTimeout)
            return min(entry.pingSentAt + timeouts.heartbeatTimeout, patience)
        case .closing, .failed, .rejected:
            return entry.since + timeouts.closeTimeout
        case .zombie:
            return entry.since + timeouts.zombieTimeout
        case .closed, .freed:
            return nil
        }
    }
}

extension ConnectionStateMachine.EventKind {
    /// Its place in `allCases`.
    var place: Int {
        switch self {
        case .requestRead: 0
        case .accepted: 1
        case .refused: 2
        case .upgraded: 3
        case .received: 4
        case .pongReceived: 5
        case .closeReceived: 6
        case .closeRequested: 7
        case .queueDrained: 8
        case .transportEnded: 9
        case .referenceRetained: 10
        case .referenceReleased: 11
        case .turnEnded: 12
        case .deadlineReached: 13
        }
    }
}

extension ConnectionStateMachine.ActionKind {
    /// Whether a ping goes out.
    var sendsPing: Bool {
        if case .sendPing = self { return true }
        if case .repeatPing = self { return true }
        return false
    }

    /// Its place in `allCases`.
    var place: Int {
        switch self {
        case .none: 0
        case .ignored: 1
        case .sendUpgrade: 2
        case .sendRefusal: 3
        case .beginService: 4
        case .sendPing: 5
        case .repeatPing: 6
        case .recordRoundTrip: 7
        case .recordRevival: 8
        case .beginClosing: 9
        case .closeOnViolation: 10
        case .dropOnViolation: 11
        case .sendClose: 12
        case .answerClose: 13
        case .endTransport: 14
        case .abort: 15
        case .releaseResources: 16
        case .holdForReferences: 17
        case .free: 18
        case .freeOrphans: 19
        case .countStaleReference: 20
        case .programmingError: 21
        }
    }
}
