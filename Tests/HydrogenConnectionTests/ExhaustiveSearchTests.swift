import HydrogenProtocol
import Testing

@testable import HydrogenConnection

/// Rules 1 to 4 of the state machine, in every world that can be reached.
@Suite struct ExhaustiveSearchTests {
    /// Each time-out takes each of its lengths, short next to long; one without pings, and two in which idle comes
    /// before everything else, which the configuration would not allow.
    static let timeouts: [AbstractTimeouts] = [
        AbstractTimeouts(handshake: 1, heartbeatInterval: 1, heartbeat: 1, inactive: 1, idle: 3, close: 1, zombie: 1),
        AbstractTimeouts(handshake: 2, heartbeatInterval: 2, heartbeat: 2, inactive: 2, idle: 6, close: 2, zombie: 2),
        AbstractTimeouts(handshake: 3, heartbeatInterval: 3, heartbeat: 3, inactive: 3, idle: 9, close: 3, zombie: 3),
        AbstractTimeouts(handshake: 3, heartbeatInterval: 1, heartbeat: 1, inactive: 3, idle: 5, close: 2, zombie: 1),
        AbstractTimeouts(handshake: 2, heartbeatInterval: 2, heartbeat: 3, inactive: 1, idle: 6, close: 1, zombie: 3),
        AbstractTimeouts(handshake: 1, heartbeatInterval: 3, heartbeat: 1, inactive: 2, idle: 6, close: 3, zombie: 2),
        AbstractTimeouts(handshake: 1, heartbeatInterval: 0, heartbeat: 1, inactive: 2, idle: 6, close: 1, zombie: 1),
        AbstractTimeouts(handshake: 1, heartbeatInterval: 0, heartbeat: 2, inactive: 1, idle: 3, close: 1, zombie: 1),
        AbstractTimeouts(handshake: 1, heartbeatInterval: 2, heartbeat: 1, inactive: 3, idle: 4, close: 1, zombie: 1),
        AbstractTimeouts(handshake: 1, heartbeatInterval: 1, heartbeat: 2, inactive: 3, idle: 3, close: 1, zombie: 1),
    ]

    @Test func rulesHoldInEveryReachableState() throws {
        var search = ExhaustiveSearch()
        for timeouts in Self.timeouts {
            try search.explore(timeouts)
        }
        print("reached \(search.stateCount) states, \(search.stepCount) transitions")
        // Exact, so that a machine that loses or gains a state is looked at.
        #expect(search.stateCount == 15_024)
        #expect(search.stepCount == 135_633)
        let legal = StateMachineTable.transitions(of: TableUnderTest.rows)
        #expect(search.kinds == Set(Kind.allCases))
        #expect(search.transitions == Set(legal))
        let silent = TableUnderTest.rows.filter { !$0.isProgrammingError && !search.rows.contains($0) }
        #expect(silent.isEmpty, "rows that no correct driver and no peer can bring about")
    }
}

extension Row {
    var isProgrammingError: Bool {
        switch self.outcome {
        case .programmingError: true
        case .handled, .ignored, .violation: false
        }
    }
}
