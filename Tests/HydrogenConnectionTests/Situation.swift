import HydrogenProtocol

@testable import HydrogenConnection

/// A connection that was led somewhere by events alone, and what is known of it on the way.
struct Situation: Sendable {
    var machine = Machine(acceptedAt: Situation.accepted)
    var now = Situation.accepted
    var facts = Facts(deadline: Situation.accepted + .seconds(10))

    static let accepted = Instant(nanoseconds: 1_000_000_000_000)

    /// The defaults of the configuration.
    static let timeouts = Machine.Timeouts(
        handshake: .seconds(10), heartbeatInterval: .seconds(25), heartbeatTimeout: .seconds(10),
        inactiveTimeout: .seconds(15), idleTimeout: .seconds(300), closeTimeout: .seconds(5),
        zombieTimeout: .seconds(60))

    /// Hands in an event some seconds later, and takes down what is known then.
    func then(_ event: Event, after seconds: Int64 = 1, _ note: (inout Facts, Instant) -> Void) -> Situation {
        var next = self
        next.now = self.now + .seconds(seconds)
        _ = next.machine.receive(event, at: next.now, Situation.timeouts)
        note(&next.facts, next.now)
        return next
    }

    func holding(_ references: Int) -> Situation {
        var next = self
        for _ in 0..<references {
            next = next.then(.referenceRetained, after: 0) { facts, _ in facts.references += 1 }
        }
        return next
    }
}

/// The way into each kind.
extension Situation {
    static func verifying(_ references: Int = 0) -> Situation {
        Situation().then(.requestRead) { _, _ in }.holding(references)
    }

    static func established(_ references: Int = 0) -> Situation {
        verifying(references).then(.accepted) { _, _ in }
    }

    static func connected(_ references: Int = 0) -> Situation {
        established(references).then(.upgraded) { $0.deadline = $1 + .seconds(25) }
    }

    static func heartbeat(_ references: Int = 0) -> Situation {
        connected(references).then(.deadlineReached, after: 25) { $0.deadline = $1 + .seconds(10) }
    }

    static func inactive(_ references: Int = 0) -> Situation {
        heartbeat(references).then(.deadlineReached, after: 10) {
            $0.deadline = $1 + .seconds(10)
            $0.patienceEnds = $1 + .seconds(15)
        }
    }

    /// The second ping of `inactive` is out: the end of patience comes before a third.
    static func inactiveForLong(_ references: Int = 0) -> Situation {
        inactive(references).then(.deadlineReached, after: 10) { facts, _ in facts.deadline = facts.patienceEnds }
    }

    func closing() -> Situation {
        self.then(.closeRequested(.goingAway)) {
            $0.deadline = $1 + .seconds(5)
            $0.patienceEnds = nil
        }
    }

    func closingByPeer(_ code: UInt16? = 1000) -> Situation {
        self.then(.closeReceived(code: code)) {
            $0.deadline = $1 + .seconds(5)
            $0.patienceEnds = nil
            $0.isLastWordSent = true
            $0.isCloseReceived = true
        }
    }

    func drained() -> Situation { self.then(.queueDrained) { facts, _ in facts.isLastWordSent = true } }

    /// The peer's close frame, after we began to close.
    func answered() -> Situation {
        self.then(.closeReceived(code: 1001)) { facts, _ in
            facts.isLastWordSent = true
            facts.isCloseReceived = true
        }
    }

    func aborted() -> Situation { self.then(.deadlineReached, after: 5) { facts, _ in facts.deadline = nil } }

    static func failed(_ references: Int = 0) -> Situation {
        verifying(references).then(.deadlineReached, after: 9) { $0.deadline = $1 + .seconds(5) }
    }

    static func rejected(_ references: Int = 0) -> Situation {
        verifying(references).then(.refused) { $0.deadline = $1 + .seconds(5) }
    }

    func transportEnded() -> Situation {
        self.then(.transportEnded) { facts, _ in
            facts.isTransportGone = true
            facts.deadline = nil
            facts.patienceEnds = nil
        }
    }

    /// After the end of the turn in which the transport ended.
    func turnEnded() -> Situation {
        self.then(.turnEnded, after: 0) { facts, now in
            facts.deadline = facts.references > 0 ? now + .seconds(60) : nil
        }
    }

    func orphaned() -> Situation {
        self.then(.deadlineReached, after: 60) { facts, _ in
            facts.references = 0
            facts.deadline = nil
        }
    }
}

extension Situation {
    /// Situations of every kind, with what may differ within it.
    static let all: [Situation] = {
        var all = [Situation(), Situation().transportEnded(), Situation().transportEnded().turnEnded()]
        for references in [0, 1, 2] {
            all += [
                verifying(references), established(references), connected(references), heartbeat(references),
                inactive(references), inactiveForLong(references),
            ]
            for open in [established(references), connected(references), heartbeat(references), inactive(references)] {
                let ways = [open.closing(), open.closing().drained(), open.closing().drained().answered()]
                all += ways + [open.closing().answered(), open.closingByPeer(), open.closingByPeer(nil)]
                all += ways.map { $0.aborted() } + [open.transportEnded(), open.transportEnded().turnEnded()]
                all += [open.closing().transportEnded(), open.closing().transportEnded().turnEnded()]
            }
            for ending in [failed(references), rejected(references), rejected(references).drained()] {
                all += [ending, ending.aborted(), ending.transportEnded(), ending.aborted().transportEnded()]
                all.append(ending.transportEnded().turnEnded())
            }
            if references > 0 { all.append(connected(references).transportEnded().turnEnded().orphaned()) }
        }
        return all + manyReferences
    }()

    /// As many references as the machine can count.
    private static let manyReferences: [Situation] = {
        var open = verifying()
        for _ in 0..<65_535 { _ = open.machine.receive(.referenceRetained, at: open.now, timeouts) }
        open.facts.references = 65_535
        var all = [open, open.then(.accepted) { _, _ in }]
        all.append(all[1].then(.upgraded) { $0.deadline = $1 + .seconds(25) })
        all.append(all[2].then(.deadlineReached, after: 25) { $0.deadline = $1 + .seconds(10) })
        all.append(
            all[3].then(.deadlineReached, after: 10) {
                $0.deadline = $1 + .seconds(10)
                $0.patienceEnds = $1 + .seconds(15)
            })
        return all
    }()

    static func all(of kind: Kind) -> [Situation] { all.filter { $0.machine.kind == kind } }
}

/// One event at one time.
struct Trial: Sendable {
    var event: Event
    var now: Instant

    /// What can be tried in a situation with an event: everything that it may carry, and the times at which it
    /// makes a difference, each with the nanosecond before and after.
    static func all(of kind: EventKind, in situation: Situation) -> [Trial] {
        times(of: kind, in: situation).flatMap { now in events(kind).map { Trial(event: $0, now: now) } }
    }

    private static func times(of kind: EventKind, in situation: Situation) -> [Instant] {
        guard kind == .deadlineReached else { return [situation.now, situation.now + .seconds(1_000)] }
        let due = [situation.facts.deadline, situation.facts.patienceEnds].compactMap(\.self)
        let around = due.flatMap { instant in
            [Int64(-1), 0, 1].map { instant + Interval(nanoseconds: $0) }
        }
        return ([situation.now, situation.now + .seconds(100_000)] + around).filter { $0 >= situation.now }
    }

    private static func events(_ kind: EventKind) -> [Event] {
        switch kind {
        case .requestRead: [.requestRead]
        case .accepted: [.accepted]
        case .refused: [.refused]
        case .upgraded: [.upgraded]
        case .received: [.received]
        case .pongReceived: [.pongReceived]
        case .closeReceived: closeCodes.map { .closeReceived(code: $0) }
        case .closeRequested: [.closeRequested(.goingAway), .closeRequested(.rateExceeded, reason: .connectionRateLimited)]
        case .queueDrained: [.queueDrained]
        case .transportEnded: [.transportEnded]
        case .referenceRetained: [.referenceRetained]
        case .referenceReleased: [.referenceReleased]
        case .turnEnded: [.turnEnded]
        case .deadlineReached: [.deadlineReached]
        }
    }

    private static let closeCodes: [UInt16?] =
        [nil, 1000, 1003, 1007, 1014, 3000, 4408, 4999] + Facts.forbiddenCodes
}
