import HydrogenConnection
import HydrogenProtocol

/// What came of one run of a scenario with one seed. Wall-clock figures are for who ran it.
package struct SimulationResult: Sendable {
    package var seed: UInt64
    /// Events of the world: packets, timers, wake-ups, passes of loops.
    package var stepCount: UInt64 = 0
    package var simulatedTime = Interval.zero
    /// Sockets that the server accepted.
    package var acceptedCount: UInt64 = 0
    package var samples: [Sample] = []
    package var responseLatency = LatencyHistogram()
    package var deliveryLatency = LatencyHistogram()
    package var connectingLatency = LatencyHistogram()
    /// How often each of `StateMachineTable.legalTransitions` was taken, in their order.
    package var transitions: [UInt64] = []
    /// How often each event came in each state: `Kind.rawValue * EventKind.allCases.count + index of the event`.
    package var coverage: [UInt64] = []
    /// How often each fault struck, by `FaultKind.rawValue`.
    package var faults: [UInt64] = []
    /// What refused something, and how often: `connection.capacity`, `application.busy`, close code 4413, …
    package var limitsHit: [(name: String, count: UInt64)] = []
    /// Ends of connections that were in service, by the code that the server counts.
    package var closeCodes: [(code: UInt16, count: UInt64)] = []
    /// Every sample of the server's metrics at the end, as `/metrics` names it.
    package var metrics: [(name: String, value: Int64)] = []
    package var expectations: [ExpectationOutcome] = []
    /// The rule that was broken; the run stopped there.
    package var violation: Violation?
    /// What was injected, in order; at most `SimulationOptions.maximumInputCount` of them are kept.
    package var inputs: [InjectedInput] = []
    /// Steps of the clients that `SimulationOptions.followedClients` names, in order of time.
    package var timeline: [ConnectionStep] = []

    package init(seed: UInt64) { self.seed = seed }

    /// Whether no rule was broken and every expectation held.
    package var isSuccess: Bool { self.violation == nil && self.expectations.allSatisfy(\.isMet) }
}

/// One point of the report's curves: gauges at its time, counts since the point before.
package struct Sample: Sendable {
    package var at: Interval
    /// Connections by state, by `Kind.rawValue`.
    package var connections: [Int32]
    package var connectedClients: Int32 = 0
    package var attempts: Int32 = 0
    package var opened: Int32 = 0
    package var refused: Int32 = 0
    package var closed: Int32 = 0
    package var messages: Int32 = 0
    package var responses: Int32 = 0
    /// Commands answered with an error.
    package var errors: Int32 = 0
    /// What rate limits refused: messages and connections.
    package var rateLimited: Int32 = 0
    package var events: Int32 = 0
    package var droppedEvents: Int32 = 0
    /// Bytes that wait in the server for slow readers.
    package var queuedBytes: Int64 = 0
    /// Blocked addresses and identities.
    package var blocked: Int32 = 0
    /// Commands at services.
    package var commandsAtServices: Int32 = 0
    /// Median and 99th percentile of the responses since the point before; zero without any.
    package var responseMedian = Interval.zero
    package var responseP99 = Interval.zero
    /// The same of the deliveries of events.
    package var deliveryMedian = Interval.zero
    package var deliveryP99 = Interval.zero
}

/// What became of an expectation.
package struct ExpectationOutcome: Sendable {
    /// Index into `Scenario.expectations`.
    package var index: Int
    package var isMet: Bool
    /// What was seen, as `3 (at most 3)`; with the time and the client of the worst case where there is one.
    package var observed: String
}

/// A rule of the server that was broken: always a bug, of the server or of the simulator.
package struct Violation: Sendable {
    /// The number of the rule in the documentation; 0: the grammar of transport callbacks.
    package var rule: Int
    package var text: String
    package var at: Instant
    /// The step that broke it.
    package var step: UInt64
    /// Whose connection it was, if it was one's.
    package var client: Int?
}

/// A step in the life of a connection, for the report.
package struct ConnectionStep: Sendable {
    package var at: Interval
    package var client: Int
    package var loop: LoopIndex
    package var connection: ConnectionID
    /// `received`, `deadlineReached`, … or what the client or the network did.
    package var event: String
    package var before: ConnectionStateMachine.Kind
    package var after: ConnectionStateMachine.Kind
    /// The machine's answer, or details.
    package var action: String
}
