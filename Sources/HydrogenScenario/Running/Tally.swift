import HydrogenConnection
import HydrogenProtocol
import HydrogenSimulation

/// What came of all runs of a scenario together.
package struct Tally: Sendable {
    package let file: ScenarioFile
    package private(set) var runCount = 0
    package private(set) var seeds: ClosedRange<UInt64>?
    package private(set) var simulatedNanoseconds: Int64 = 0
    package private(set) var wallTime = Duration.zero
    package private(set) var stepCount: UInt64 = 0
    package private(set) var acceptedCount: UInt64 = 0
    /// By place in `StateMachineTable.legalTransitions`.
    package private(set) var transitions = [UInt64](repeating: 0, count: StateMachineTable.legalTransitions.count)
    /// By `FaultKind.rawValue`.
    package private(set) var faults = [UInt64](repeating: 0, count: FaultKind.allCases.count)
    package private(set) var limitsHit: [(name: String, count: UInt64)] = []
    package private(set) var expectationCount = 0
    package private(set) var metCount = 0
    /// Runs that broke a rule, by seed; at most `maximumFailureCount` of each kind are kept.
    package private(set) var broken: [RunOutcome] = []
    /// Runs that missed an expectation.
    package private(set) var missed: [RunOutcome] = []
    package private(set) var brokenCount = 0
    package private(set) var missedCount = 0
    /// The run with the lowest seed.
    package private(set) var first: RunOutcome?

    private static let maximumFailureCount = 10

    package init(_ file: ScenarioFile) { self.file = file }

    package mutating func add(_ outcome: RunOutcome) {
        let result = outcome.result
        self.runCount += 1
        self.seeds = min(self.seeds?.lowerBound ?? result.seed, result.seed)...max(
            self.seeds?.upperBound ?? result.seed, result.seed)
        self.simulatedNanoseconds += result.simulatedTime.nanoseconds
        self.wallTime += outcome.wallTime
        self.stepCount += result.stepCount
        self.acceptedCount += result.acceptedCount
        for (index, count) in result.transitions.enumerated() { self.transitions[index] += count }
        for (index, count) in result.faults.enumerated() where index < self.faults.count { self.faults[index] += count }
        for limit in result.limitsHit {
            if let index = self.limitsHit.firstIndex(where: { $0.name == limit.name }) {
                self.limitsHit[index].count += limit.count
            } else {
                self.limitsHit.append(limit)
            }
        }
        self.expectationCount += result.expectations.count
        self.metCount += result.expectations.count(where: \.isMet)
        if self.first.map({ result.seed < $0.result.seed }) ?? true { self.first = outcome }
        if result.violation != nil {
            self.brokenCount += 1
            Self.keep(outcome, in: &self.broken)
        } else if !result.isSuccess {
            self.missedCount += 1
            Self.keep(outcome, in: &self.missed)
        }
    }

    private static func keep(_ outcome: RunOutcome, in outcomes: inout [RunOutcome]) {
        let place = outcomes.firstIndex { outcome.result.seed < $0.result.seed } ?? outcomes.count
        outcomes.insert(outcome, at: place)
        if outcomes.count > self.maximumFailureCount { outcomes.removeLast() }
    }

    /// The run that a report shows: the first that failed, else the first.
    package var shown: RunOutcome? { self.broken.first ?? self.missed.first ?? self.first }

    package var takenTransitionCount: Int { self.transitions.count { $0 > 0 } }

    /// The names of transitions that no run took.
    package var neverTaken: [String] { Self.neverTaken(self.transitions) }

    static func neverTaken(_ counts: [UInt64]) -> [String] {
        zip(StateMachineTable.legalTransitions, counts).filter { $0.1 == 0 }.map { "\($0.0.from.label) → \($0.0.to.label)" }
    }
}
