import HydrogenProtocol

@testable import HydrogenConnection

/// Walks through every world that can be reached, breadth first, and keeps what was seen.
struct ExhaustiveSearch {
    private(set) var stateCount = 0
    private(set) var stepCount = 0
    private(set) var kinds: Set<Kind> = []
    private(set) var transitions: Set<Transition> = []
    private(set) var rows: Set<Row> = []
    private(set) var longestEnd = 0

    /// Adds all worlds under these time-outs.
    mutating func explore(_ timeouts: AbstractTimeouts) throws {
        let start = AbstractWorld().normalized()
        var seen: Set<AbstractWorld.Key> = [start.key]
        var frontier = [start]
        var ends = [LonelyEnd(timeouts, doReferencesReturn: true), LonelyEnd(timeouts, doReferencesReturn: false)]
        while !frontier.isEmpty {
            var next: [AbstractWorld] = []
            for world in frontier {
                self.kinds.insert(world.machine.kind)
                for index in ends.indices { self.longestEnd = max(self.longestEnd, try ends[index].ticks(from: world)) }
                for move in world.moves(timeouts) {
                    let step = try world.step(move, timeouts)
                    self.stepCount += 1
                    if let row = step.row { self.rows.insert(row) }
                    if step.world.machine.kind != world.machine.kind {
                        self.transitions.insert(
                            Transition(from: world.machine.kind, to: step.world.machine.kind))
                    }
                    if seen.insert(step.world.key).inserted { next.append(step.world) }
                }
            }
            frontier = next
        }
        self.stateCount += seen.count
    }
}

/// Rule 2: with a peer that is gone without a word and a driver that is as late as it may be, every context is freed
/// within the sum of its time-outs, whether its references come back or not.
private struct LonelyEnd {
    /// More ticks than all time-outs together.
    private static let endless: UInt8 = 100

    private let timeouts: AbstractTimeouts
    private let doReferencesReturn: Bool
    /// How many ticks each world takes: the ways to the end soon meet.
    private var known: [AbstractWorld.Key: Int] = [:]

    init(_ timeouts: AbstractTimeouts, doReferencesReturn: Bool) {
        self.timeouts = timeouts
        self.doReferencesReturn = doReferencesReturn
    }

    /// The ticks until the world is freed; throws where they are too many.
    mutating func ticks(from world: AbstractWorld) throws -> Int {
        if world.machine.kind == .freed { return 0 }
        if let ticks = self.known[world.key] { return ticks }
        let move = self.lastMoment(world)
        guard max(world.kindAge, world.silence) < Self.endless else {
            throw BrokenRule(description: "rule 2: never freed, \(world)")
        }
        // A world that is met again on its own way never ends either.
        self.known[world.key] = Int(Self.endless)
        let ticks = try self.ticks(from: world.step(move, self.timeouts).world) + (move == .tick ? 1 : 0)
        let bound = self.ticksAllowed(world.machine.kind)
        guard ticks <= bound else {
            throw BrokenRule(description: "rule 2: not freed within \(bound) ticks from \(world)")
        }
        self.known[world.key] = ticks
        return ticks
    }

    /// What a driver does that does everything at the last moment, when nobody else does anything.
    private func lastMoment(_ world: AbstractWorld) -> Move {
        if world.isEndPending { return .event(.transportEnded) }
        if world.isTurnPending { return .event(.turnEnded) }
        if self.doReferencesReturn && world.facts.references > 0 { return .event(.referenceReleased) }
        if let ticks = world.ticksToDeadline(self.timeouts), ticks < 0 { return .event(.deadlineReached) }
        return .tick
    }

    /// The sum of the time-outs ahead, each a tick late.
    private func ticksAllowed(_ kind: Kind) -> Int {
        func late(_ timeout: UInt8) -> Int { Int(timeout) + 1 }
        let zombie = late(self.timeouts.zombie)
        let close = late(self.timeouts.close) + zombie
        let inactive = late(self.timeouts.inactive) + close
        let heartbeat = late(self.timeouts.heartbeat) + inactive
        return switch kind {
        case .connecting, .verifying, .established: late(self.timeouts.handshake) + close
        case .connected: late(self.timeouts.silenceBeforePing) + heartbeat
        case .heartbeat: heartbeat
        case .inactive: inactive
        case .closing, .failed, .rejected: close
        case .closed, .zombie: zombie
        case .freed: 0
        }
    }
}
