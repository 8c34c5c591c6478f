import HydrogenProtocol
import HydrogenSimulation

/// Finds a few inputs that break the same rule as the many of a run did: delta debugging over what was injected
/// (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002).
package struct Shrinker {
    /// What came of it.
    package struct Outcome: Sendable {
        /// What is left; at least these are needed, as far as was looked.
        package let inputs: [InjectedInput]
        /// How many the run had.
        package let originalCount: Int
        /// How the rule breaks with what is left.
        package let violation: Violation
        /// How long the scenario must last for it.
        package let duration: Interval
        /// How many runs it took.
        package let runCount: Int
    }

    /// Does the run again with some of its inputs alone.
    package typealias Attempt = (InputMask) -> SimulationResult

    private let attempt: Attempt
    private let rule: Int
    /// No more runs than that.
    private let maximumRunCount: Int
    private var runCount = 0
    private var best: [InjectedInput] = []
    private var violation: Violation

    private init(_ violation: Violation, maximumRunCount: Int, attempt: @escaping Attempt) {
        self.attempt = attempt
        self.rule = violation.rule
        self.violation = violation
        self.maximumRunCount = maximumRunCount
    }

    /// Shrinks a run that broke a rule; nil where it does not do so again.
    package static func shrink(_ run: Run, maximumRunCount: Int = 2_000) -> Outcome? {
        self.shrink(lasting: run.file.scenario.duration, maximumRunCount: maximumRunCount) { mask in
            run.result { options in
                if mask != .all { options.mask = mask }
                options.recordsInputs = true
            }
        }
    }

    /// The same for any run.
    ///
    /// - Parameter duration: How long it is.
    package static func shrink(
        lasting duration: Interval, maximumRunCount: Int, attempt: @escaping Attempt
    ) -> Outcome? {
        let result = attempt(.all)
        guard let violation = result.violation else { return nil }
        var shrinker = Shrinker(violation, maximumRunCount: maximumRunCount, attempt: attempt)
        // A run that had more inputs than are recorded cannot be made of those that are.
        guard shrinker.breaks(result.inputs) else { return nil }
        shrinker.withoutWholeClients()
        shrinker.divide()
        let at = Interval(nanoseconds: shrinker.violation.at.nanoseconds)
        return Outcome(
            inputs: shrinker.best, originalCount: result.inputs.count, violation: shrinker.violation,
            duration: min(duration, at + .seconds(1)), runCount: shrinker.runCount)
    }

    /// Whether these inputs alone break the rule; then they are the best so far.
    private mutating func breaks(_ inputs: [InjectedInput]) -> Bool {
        guard self.runCount < self.maximumRunCount else { return false }
        self.runCount += 1
        let result = self.attempt(.only(inputs.map(\.id)))
        guard let violation = result.violation, violation.rule == self.rule else { return false }
        // What did not take place, since something it needed was left out, is not needed either.
        let taken = Set(result.inputs.map(\.id))
        self.best = inputs.filter { taken.contains($0.id) }
        self.violation = violation
        return true
    }

    /// Leaves out whole clients, in ever smaller parts: that is where most inputs go.
    private mutating func withoutWholeClients() {
        var clients = Set(self.best.filter { $0.id.source == .client }.map(\.id.subject)).sorted()
        var size = clients.count / 2
        while size >= 1 {
            var start = 0
            while start < clients.count {
                let left = clients[start..<min(start + size, clients.count)]
                let rest = self.best.filter { $0.id.source == .timeline || !left.contains($0.id.subject) }
                if rest.count < self.best.count, self.breaks(rest) {
                    clients.removeSubrange(left.indices)
                } else {
                    start += size
                }
            }
            size = size > clients.count ? clients.count / 2 : size / 2
        }
    }

    /// The algorithm ddmin: leaves out one part of n; where none can go, twice as many parts.
    private mutating func divide() {
        var parts = 2
        while self.best.count >= 2, self.runCount < self.maximumRunCount {
            let size = (self.best.count + parts - 1) / parts
            var isSmaller = false
            var start = 0
            while start < self.best.count {
                let end = min(start + size, self.best.count)
                let rest = Array(self.best[..<start] + self.best[end...])
                if self.breaks(rest) {
                    isSmaller = true
                } else {
                    start = end
                }
            }
            if isSmaller {
                parts = max(parts - 1, 2)
            } else {
                guard size > 1 else { return }
                parts = min(parts * 2, self.best.count)
            }
        }
    }
}
