import HydrogenProtocol

@testable import HydrogenConnection

/// One connection and all that a correct driver and any peer can do to it, with time in whole ticks. The present
/// is always the same instant: when time passes, everything else moves into the past, so that equal worlds are
/// equal whenever they are met.
struct AbstractWorld: Sendable {
    static let tick = Interval(nanoseconds: 1)
    static let present = Instant(nanoseconds: 1_000)
    static let maximumReferences: UInt8 = 2
    static let maximumQueue: UInt8 = 2

    var machine = Machine(acceptedAt: AbstractWorld.present)
    /// What is known by watching; its instants are worked out anew where they are needed.
    var facts = Facts()
    /// Frames that wait in the send queue.
    var queue: UInt8 = 0
    /// The request was read, its verdict is not given.
    var isVerdictPending = false
    /// The 101 is written, the transport has not said so.
    var isUpgradePending = false
    /// The transport was aborted: its end comes before time goes on.
    var isEndPending = false
    /// The transport ended in this turn: the turn ends before time goes on.
    var isTurnPending = false
    /// Ticks since the kind was entered; from `connecting` to `established` since the accept.
    var kindAge: UInt8 = 0
    /// Ticks since the peer was heard from.
    var silence: UInt8 = 0
    /// Ticks since the last ping.
    var pingAge: UInt8 = 0
}

/// The time-outs in ticks.
struct AbstractTimeouts: Sendable, CustomStringConvertible {
    var handshake: UInt8
    var heartbeatInterval: UInt8
    var heartbeat: UInt8
    var inactive: UInt8
    var idle: UInt8
    var close: UInt8
    var zombie: UInt8

    var machine: Machine.Timeouts {
        func ticks(_ count: UInt8) -> Interval { AbstractWorld.tick * Int64(count) }
        return Machine.Timeouts(
            handshake: ticks(self.handshake), heartbeatInterval: ticks(self.heartbeatInterval),
            heartbeatTimeout: ticks(self.heartbeat), inactiveTimeout: ticks(self.inactive),
            idleTimeout: ticks(self.idle), closeTimeout: ticks(self.close), zombieTimeout: ticks(self.zombie))
    }

    /// When a silent peer is pinged: without an interval, as the last check before the end.
    var silenceBeforePing: UInt8 {
        guard self.heartbeatInterval == 0 else { return self.heartbeatInterval }
        return max(self.idle > self.heartbeat + self.inactive ? self.idle - self.heartbeat - self.inactive : 0, self.heartbeat)
    }

    var description: String {
        "handshake \(self.handshake) interval \(self.heartbeatInterval) heartbeat \(self.heartbeat)"
            + " inactive \(self.inactive) idle \(self.idle) close \(self.close) zombie \(self.zombie)"
    }
}

/// What can happen next.
enum Move: Sendable, Hashable {
    case event(Event)
    /// Time passes by one tick.
    case tick
    /// An event of the server enters the send queue.
    case enqueue
    /// The transport takes a frame from it.
    case write
}

extension AbstractWorld {
    /// In how many ticks something is due, negative when it is over; nil when nothing is waited for.
    func ticksToDeadline(_ timeouts: AbstractTimeouts) -> Int? {
        switch self.machine.kind {
        case .connecting, .verifying, .established: Int(timeouts.handshake) - Int(self.kindAge)
        case .connected: Int(timeouts.silenceBeforePing) - Int(self.silence)
        case .heartbeat: Int(timeouts.heartbeat) - Int(self.pingAge)
        case .inactive: min(Int(timeouts.heartbeat) - Int(self.pingAge), self.ticksOfPatience(timeouts))
        case .closing, .failed, .rejected:
            self.facts.isTransportGone || self.isEndPending ? nil : Int(timeouts.close) - Int(self.kindAge)
        case .zombie: Int(timeouts.zombie) - Int(self.kindAge)
        case .closed, .freed: nil
        }
    }

    private func ticksOfPatience(_ timeouts: AbstractTimeouts) -> Int {
        min(Int(timeouts.inactive) - Int(self.kindAge), Int(timeouts.idle) - Int(self.silence))
    }

    /// What was watched, as the table asks for it.
    func currentFacts(_ timeouts: AbstractTimeouts) -> Facts {
        func instant(_ ticks: Int) -> Instant { AbstractWorld.present + AbstractWorld.tick * Int64(ticks) }
        var facts = self.facts
        facts.deadline = self.ticksToDeadline(timeouts).map(instant)
        facts.patienceEnds = self.machine.kind == .inactive ? instant(self.ticksOfPatience(timeouts)) : nil
        return facts
    }

    /// Everything that is possible: what the peer may do (also what it must not), what the server may want, and
    /// what a correct driver may or must say.
    func moves(_ timeouts: AbstractTimeouts) -> [Move] {
        var moves: [Move] = [.event(.deadlineReached), .event(.turnEnded), .event(.closeRequested(.goingAway))]
        let kind = self.machine.kind
        if self.timeMayPass(timeouts) { moves.append(.tick) }
        if !self.facts.isTransportGone {
            moves += [.event(.transportEnded), .event(.received), .event(.pongReceived)]
            moves += [.event(.closeReceived(code: nil)), .event(.closeReceived(code: 1000))]
            moves.append(.event(.closeReceived(code: 1005)))
            if kind == .connecting || kind == .failed || kind == .rejected { moves.append(.event(.requestRead)) }
            if self.isUpgradePending { moves.append(.event(.upgraded)) }
            if self.queue > 0 && !self.isEndPending { moves.append(.write) }
        }
        if self.isVerdictPending { moves += [.event(.accepted), .event(.refused)] }
        if self.queue == 0 && self.mayReportEmptyQueue { moves.append(.event(.queueDrained)) }
        if self.queue < AbstractWorld.maximumQueue && self.machine.canQueue(.critical, isGuaranteed: true) {
            moves.append(.enqueue)
        }
        if self.mayRetain && self.facts.references < AbstractWorld.maximumReferences {
            moves.append(.event(.referenceRetained))
        }
        // A service that answers twice, or after the zombie's end: nobody misses the reference.
        if kind != .connecting { moves.append(.event(.referenceReleased)) }
        return moves
    }

    /// A driver is late by less than a tick, and ends its turn before time goes on.
    private func timeMayPass(_ timeouts: AbstractTimeouts) -> Bool {
        let isOverdue = self.ticksToDeadline(timeouts).map { $0 < 0 } ?? false
        return !isOverdue && !self.isEndPending && !self.isTurnPending && self.machine.kind != .freed
    }

    private var mayReportEmptyQueue: Bool {
        switch self.machine.kind {
        case .established, .connected, .heartbeat, .inactive, .closing: true
        case .rejected, .closed: !self.facts.isTransportGone || self.isTurnPending
        case .connecting, .verifying, .failed, .zombie, .freed: false
        }
    }

    private var mayRetain: Bool {
        switch self.machine.kind {
        case .verifying, .established, .connected, .heartbeat, .inactive: true
        case .connecting, .closing, .failed, .rejected, .closed, .zombie, .freed: false
        }
    }
}

extension AbstractWorld {
    /// All that tells one world from another, in two words.
    struct Key: Hashable {
        var machine: UInt64
        var watched: UInt64
    }

    /// The world without what its kind does not use.
    func normalized() -> AbstractWorld {
        var world = self
        world.machine.setUnusedTimes(AbstractWorld.present)
        switch world.machine.kind {
        case .connecting, .verifying, .established, .closing, .failed, .rejected, .zombie:
            (world.silence, world.pingAge) = (0, 0)
        case .connected: (world.kindAge, world.pingAge) = (0, 0)
        case .heartbeat: world.kindAge = 0
        case .inactive: break
        case .closed, .freed: (world.kindAge, world.silence, world.pingAge) = (0, 0, 0)
        }
        return world
    }

    var key: Key {
        let present = AbstractWorld.present
        let ages = [self.machine.since, self.machine.lastReceivedAt, self.machine.pingSentAt].map {
            UInt64((present - $0).nanoseconds)
        }
        var machine = UInt64(self.machine.kind.rawValue) | UInt64(self.machine.marks.rawValue) << 4
        machine |= UInt64(self.machine.references) << 8 | UInt64(self.machine.storedCloseCode) << 24
        machine |= UInt64(self.machine.closeReason.map { $0.rawValue + 1 } ?? 0) << 40
        machine |= ages[0] << 48 | ages[1] << 53 | ages[2] << 58
        let flags = [
            self.isVerdictPending, self.isUpgradePending, self.isEndPending, self.isTurnPending,
            self.facts.isTransportGone, self.facts.isLastWordSent, self.facts.isCloseReceived,
        ]
        var watched = flags.reduce(UInt64(0)) { $0 << 1 | ($1 ? 1 : 0) }
        watched |= UInt64(self.queue) << 8 | UInt64(self.facts.references) << 16
        watched |= UInt64(self.kindAge) << 24 | UInt64(self.silence) << 32 | UInt64(self.pingAge) << 40
        return Key(machine: machine, watched: watched)
    }
}
