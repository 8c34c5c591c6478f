import HydrogenProtocol
import Testing

@testable import HydrogenConnection

/// The machine against its declaration, over the whole product of kinds and events.
@Suite struct StateMachineTableTests {
    @Test(arguments: Kind.allCases, EventKind.allCases)
    func everyPairIsDecided(_ from: Kind, _ event: EventKind) throws {
        let rows = TableUnderTest.rows(from, event)
        var tried: Set<Row> = []
        for situation in Situation.all(of: from) {
            for trial in Trial.all(of: event, in: situation) {
                let applying = rows.filter { situation.facts.satisfy($0.condition, trial.event, at: trial.now) }
                let row = try #require(applying.first, "no row for \(trial) in \(situation)")
                #expect(applying.count == 1, "\(applying) for \(trial) in \(situation)")
                tried.insert(row)
                expect(row, situation, trial)
            }
        }
        #expect(tried == Set(rows), "rows that nothing tried, or no row at all")
        #expect(!rows.isEmpty)
    }

    @Test(arguments: TableUnderTest.rows.filter { $0.to != $0.from })
    func legalTransition(_ row: Row) throws {
        let situations = Situation.all(of: row.from)
        let trials = situations.flatMap { situation in
            Trial.all(of: row.event, in: situation)
                .filter { situation.facts.satisfy(row.condition, $0.event, at: $0.now) }
                .map { (situation, $0) }
        }
        try #require(!trials.isEmpty)
        for (situation, trial) in trials { expect(row, situation, trial) }
        #expect(Transition(from: row.from, to: row.to).index != nil)
    }

    private func expect(_ row: Row, _ situation: Situation, _ trial: Trial) {
        var machine = situation.machine
        let action = machine.receive(trial.event, at: trial.now, Situation.timeouts)
        #expect(machine.kind == row.to, "\(trial) in \(situation)")
        switch row.outcome {
        case .handled(_, let kind):
            #expect(action.kind == kind, "\(trial) in \(situation)")
            #expect(![.ignored, .programmingError, .closeOnViolation, .dropOnViolation].contains(action.kind))
        case .ignored(let reason):
            #expect(action == .ignored(reason), "\(trial) in \(situation)")
            #expect(machine == situation.machine)
        case .violation(let code, _, let kind):
            #expect(action.kind == kind, "\(trial) in \(situation)")
            #expect(action == (code.map { .closeOnViolation($0) } ?? .dropOnViolation))
            #expect(machine.closeCode == code?.rawValue)
            #expect(machine.closeReason == .framing)
        case .programmingError(let error):
            #expect(action == .programmingError(error), "\(trial) in \(situation)")
            #expect(machine == situation.machine)
        }
    }

    /// Whatever a kind does not use has no say in it: the search may leave it out of account.
    @Test(arguments: Kind.allCases, EventKind.allCases)
    func whatAKindDoesNotUseHasNoInfluence(_ from: Kind, _ event: EventKind) {
        for situation in Situation.all(of: from) {
            for trial in Trial.all(of: event, in: situation) {
                var machine = situation.machine
                var scrambled = situation.machine
                scrambled.setUnusedTimes(Instant(nanoseconds: -7))
                let action = machine.receive(trial.event, at: trial.now, Situation.timeouts)
                #expect(scrambled.receive(trial.event, at: trial.now, Situation.timeouts) == action)
                machine.setUnusedTimes(situation.now)
                scrambled.setUnusedTimes(situation.now)
                #expect(machine == scrambled)
            }
        }
    }

    @Test func transitionsAreThoseOfTheStateMachine() {
        let expected: [(Kind, [Kind])] = [
            (.connecting, [.verifying, .failed]),
            (.verifying, [.established, .failed, .rejected]),
            (.established, [.connected, .closing, .closed]),
            (.connected, [.heartbeat, .closing, .closed]),
            (.heartbeat, [.connected, .inactive, .closing, .closed]),
            (.inactive, [.connected, .closing, .closed]),
            (.closing, [.closed]),
            (.failed, [.zombie, .freed]),
            (.rejected, [.zombie, .freed]),
            (.closed, [.zombie, .freed]),
            (.zombie, [.freed]),
        ]
        let transitions = expected.flatMap { from, targets in targets.map { Transition(from: from, to: $0) } }
        #expect(StateMachineTable.transitions(of: TableUnderTest.rows) == transitions)
        #expect(StateMachineTable.legalTransitions.map(\.index) == Array(0..<transitions.count))
        #expect(Transition(from: .freed, to: .connecting).index == nil)
        #expect(Transition(from: .connected, to: .connected).index == nil)
    }
}

extension ConnectionStateMachine {
    /// Overwrites the times that mean nothing in this kind.
    mutating func setUnusedTimes(_ instant: Instant) {
        switch self.kind {
        case .connecting, .verifying, .established, .closing, .failed, .rejected, .zombie:
            self.lastReceivedAt = instant
            self.pingSentAt = instant
        case .connected:
            self.since = instant
            self.pingSentAt = instant
        case .heartbeat:
            self.since = instant
        case .inactive:
            break
        case .closed, .freed:
            self.since = instant
            self.lastReceivedAt = instant
            self.pingSentAt = instant
        }
    }
}
