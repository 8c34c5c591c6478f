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
        while !frontier.isEmpty {
            var next: [AbstractWorld] = []
            for world in frontier {
                self.kinds.insert(world.machine.kind)
                try self.checkEnd(of: world, timeouts)
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

    /// Rule 2: with a peer that is gone without a word and a driver that is as late as it may be, the context is
    /// freed within the sum of its time-outs, whether its references come back or not.
    private mutating func checkEnd(of world: AbstractWorld, _ timeouts: AbstractTimeouts) throws {
        for doReferencesReturn in [true, false] {
            var now = world
            var ticks = 0
            let bound = ExhaustiveSearch.ticksToEnd(from: world.machine.kind, timeouts)
            while now.machine.kind != .freed {
                let move = ExhaustiveSearch.lastMoment(now, timeouts, doReferencesReturn)
                ticks += move == .tick ? 1 : 0
                now = try now.step(move, timeouts).world
                guard ticks <= bound else {
                    throw BrokenRule(description: "rule 2: not freed within \(bound) ticks from \(world)")
                }
            }
            self.longestEnd = max(self.longestEnd, ticks)
        }
    }

    /// What a driver does that does everything at the last moment, when nobody else does anything.
    private static func lastMoment(
        _ world: AbstractWorld, _ timeouts: AbstractTimeouts, _ doReferencesReturn: Bool
    ) -> Move {
        if world.isEndPending { return .event(.transportEnded) }
        if world.isTurnPending { return .event(.turnEnded) }
        if doReferencesReturn && world.facts.references > 0 { return .event(.referenceReleased) }
        if let ticks = world.ticksToDeadline(timeouts), ticks < 0 { return .event(.deadlineReached) }
        return .tick
    }

    /// The sum of the time-outs ahead, each a tick late.
    private static func ticksToEnd(from kind: Kind, _ timeouts: AbstractTimeouts) -> Int {
        func late(_ timeout: UInt8) -> Int { Int(timeout) + 1 }
        let zombie = late(timeouts.zombie)
        let close = late(timeouts.close) + zombie
        let inactive = late(timeouts.inactive) + close
        let heartbeat = late(timeouts.heartbeat) + inactive
        return switch kind {
        case .connecting, .verifying, .established: late(timeouts.handshake) + close
        case .connected: late(timeouts.silenceBeforePing) + heartbeat
        case .heartbeat: heartbeat
        case .inactive: inactive
        case .closing, .failed, .rejected: close
        case .closed, .zombie: zombie
        case .freed: 0
        }
    }
}
