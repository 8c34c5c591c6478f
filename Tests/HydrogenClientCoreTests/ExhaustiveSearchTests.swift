import HydrogenProtocol
import Testing

@testable import HydrogenClientCore

/// Every world of one client that a correct driver and any server can bring about, with time in whole ticks.
@Suite struct ExhaustiveSearchTests {
    @Test(arguments: AbstractClient.allSettings)
    func rulesHoldInEveryReachableState(_ settings: Machine.Settings) throws {
        var seen: Set<AbstractClient> = [AbstractClient()]
        var frontier = [AbstractClient()]
        var kinds: Set<Kind> = []
        var rows: Set<String> = []
        while !frontier.isEmpty {
            var next: [AbstractClient] = []
            for client in frontier {
                kinds.insert(client.machine.kind)
                try client.check(settings)
                for move in client.moves(settings) {
                    let after = try client.step(move, settings)
                    rows.insert("\(client.machine.kind) \(after.machine.kind)")
                    if seen.insert(after).inserted { next.append(after) }
                }
            }
            frontier = next
        }
        #expect(kinds == Set(Kind.allCases))
        let legal = Set(ClientStateTable.rows.map { "\($0.from) \($0.to)" })
        #expect(legal.isSubset(of: rows), "transitions that nothing brings about: \(legal.subtracting(rows))")
        for client in seen { try client.checkLiveness(settings) }
    }
}

/// One client, its transport, and the time. The present is always the same instant: when time passes, everything else
/// moves into the past, so that equal worlds are equal whenever they are met.
struct AbstractClient: Hashable {
    enum Transport: Hashable { case none, opening, open, ending }

    struct BrokenRule: Error { var description: String }

    enum Move: Hashable {
        case event(Event)
        case tick
    }

    var machine = AbstractClient.fresh
    var transport = Transport.none

    static let present = Instant(nanoseconds: 1_000)
    static let tick = Interval(nanoseconds: 1)

    private static var fresh: Machine {
        var machine = Machine(seed: 0)
        machine.since = AbstractClient.present
        machine.lastReceivedAt = AbstractClient.present
        machine.wakeAt = AbstractClient.present
        return machine
    }

    /// Without jitter, which would have no end. Each time-out is short next to long.
    static let allSettings = [
        settings(connect: 1, close: 1, ping: 1, patience: 1), settings(connect: 2, close: 1, ping: 2, patience: 1),
        settings(connect: 1, close: 2, ping: 3, patience: 1), settings(connect: 3, close: 2, ping: 1, patience: 3),
    ]

    private static func settings(connect: Int64, close: Int64, ping: Int64, patience: Int64) -> Machine.Settings {
        var settings = Machine.Settings()
        settings.connectTimeout = AbstractClient.tick * connect
        settings.closeTimeout = AbstractClient.tick * close
        settings.pingInterval = AbstractClient.tick * ping
        settings.pingTimeout = AbstractClient.tick * patience
        settings.backOffBase = .zero
        settings.backOffMaximum = .zero
        settings.stableAfter = .zero
        return settings
    }

    func moves(_ settings: Machine.Settings) -> [Move] {
        var moves: [Move] = [.event(.startRequested), .event(.stopRequested), .event(.deadlineReached)]
        let isOverdue = self.machine.deadline(settings).map { $0 < Self.present } ?? false
        if !isOverdue { moves.append(.tick) }
        switch self.transport {
        case .none: break
        case .opening:
            moves += [.event(.transportOpened), .event(.transportEnded(code: nil, retryAfter: nil))]
            moves += [401, 503].map { .event(.transportRefused(status: $0, retryAfter: nil)) }
            moves.append(.event(.transportRefused(status: 503, retryAfter: Self.tick * 2)))
        case .open:
            moves += [nil, 1000, 1001, 4409].map { .event(.transportEnded(code: $0, retryAfter: nil)) }
            moves.append(.event(.transportEnded(code: 4429, retryAfter: Self.tick * 2)))
            moves += [.event(.received), .event(.violationFound)]
            if self.machine.kind == .greeting || self.machine.kind == .closing {
                moves += [true, false].map { .event(.sessionReceived(canResume: $0)) }
            }
            if self.machine.kind == .resuming || self.machine.kind == .closing {
                moves += [.event(.resumeAccepted), .event(.resumeRefused(isRetryable: false, retryAfter: nil))]
                moves.append(.event(.resumeRefused(isRetryable: true, retryAfter: Self.tick)))
            }
        case .ending:
            moves.append(.event(.transportEnded(code: nil, retryAfter: nil)))
        }
        return moves
    }

    func step(_ move: Move, _ settings: Machine.Settings) throws -> AbstractClient {
        var after = self
        switch move {
        case .tick: after.passTick()
        case .event(let event):
            switch event {
            case .transportOpened: after.transport = .open
            case .transportRefused, .transportEnded: after.transport = .none
            default: break
            }
            let action = after.machine.receive(event, at: Self.present, settings)
            switch action {
            case .openTransport:
                guard after.transport == .none else { throw BrokenRule(description: "two transports: \(self) \(move)") }
                after.transport = .opening
            case .abort:
                after.transport = .ending
                guard after.machine.deadline(settings) == nil else {
                    throw BrokenRule(description: "aborted twice: \(self) \(move)")
                }
            case .programmingError(let error):
                throw BrokenRule(description: "a correct driver provoked '\(error)': \(self) \(move)")
            case .none, .ignored, .sendResume, .beginService, .sendPing, .close, .wait, .stop: break
            }
        }
        return after.normalized()
    }

    private mutating func passTick() {
        for path in [\Machine.since, \Machine.lastReceivedAt, \Machine.wakeAt] {
            self.machine[keyPath: path] = self.machine[keyPath: path] + Self.tick * -1
        }
    }

    /// Without what a kind does not use, and with ages that have an end.
    private func normalized() -> AbstractClient {
        var client = self
        let oldest = Self.present + Self.tick * -5
        switch self.machine.kind {
        case .stopped, .connecting, .greeting, .resuming:
            (client.machine.lastReceivedAt, client.machine.wakeAt) = (Self.present, Self.present)
        case .connected: client.machine.wakeAt = Self.present
        case .waiting: (client.machine.since, client.machine.lastReceivedAt) = (Self.present, Self.present)
        case .closing: client.machine.lastReceivedAt = Self.present
        case .probing: break
        }
        if self.machine.kind == .stopped { client.machine.since = Self.present }
        client.machine.since = max(client.machine.since, oldest)
        client.machine.lastReceivedAt = max(client.machine.lastReceivedAt, oldest)
        client.machine.wakeAt = max(client.machine.wakeAt, oldest)
        return client
    }

    /// What holds after every step.
    func check(_ settings: Machine.Settings) throws {
        let kind = self.machine.kind
        let isAlone = kind == .stopped || kind == .waiting
        guard (self.transport == .none) == isAlone else { throw BrokenRule(description: "transport: \(self)") }
        // Nothing waits for ever: there is a deadline, or the end of the transport, or nothing to wait for.
        let mayRest = kind == .stopped || self.transport == .ending
        guard mayRest || self.machine.deadline(settings) != nil else { throw BrokenRule(description: "stuck: \(self)") }
        guard (self.machine.end == nil) || kind == .stopped || kind == .closing else {
            throw BrokenRule(description: "ended and alive: \(self)")
        }
    }

    /// When faults stop, a client that is not stopped comes into service by itself, and one that is asked to stop does.
    func checkLiveness(_ settings: Machine.Settings) throws {
        guard self.machine.kind != .stopped else { return }
        let isLeaving = self.machine.kind == .closing && !self.machine.marks.contains(.comesBack)
        let reached = try self.run(settings)
        guard reached == (isLeaving ? .stopped : .connected) else {
            throw BrokenRule(description: "never back: \(self)")
        }
        var stopping = self
        _ = stopping.machine.receive(.stopRequested, at: Self.present, settings)
        if stopping.machine.kind == .closing, self.transport == .opening { stopping.transport = .ending }
        guard try stopping.run(settings) == .stopped else { throw BrokenRule(description: "never stops: \(self)") }
    }

    /// With a server that is there and does what it must, at the last moment.
    private func run(_ settings: Machine.Settings) throws -> Kind {
        var client = self
        for _ in 0..<40 {
            switch (client.machine.kind, client.transport) {
            case (.stopped, _): return .stopped
            case (.connected, _): return .connected
            case (_, .ending): client = try client.step(.event(.transportEnded(code: nil, retryAfter: nil)), settings)
            case (.connecting, .opening): client = try client.step(.event(.transportOpened), settings)
            case (.greeting, _): client = try client.step(.event(.sessionReceived(canResume: true)), settings)
            case (.resuming, _): client = try client.step(.event(.resumeAccepted), settings)
            case (.probing, _): client = try client.step(.event(.received), settings)
            default:
                let isDue = client.machine.deadline(settings).map { $0 <= Self.present } ?? false
                client = try client.step(isDue ? .event(.deadlineReached) : .tick, settings)
            }
        }
        return client.machine.kind
    }
}
