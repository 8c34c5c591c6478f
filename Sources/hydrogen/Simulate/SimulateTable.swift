import HydrogenConfiguration
import HydrogenProtocol
import HydrogenScenario
import HydrogenSimulation

/// What the command prints at the end.
enum SimulateTable {
    /// How many failures of a kind are told.
    private static let shownCount = 5

    static func show(_ tally: Tally) {
        let verdict = tally.brokenCount > 0 ? "A RULE BROKE" : tally.missedCount > 0 ? "an expectation failed" : "passed"
        let seeds = tally.seeds.map { seeds in
            tally.runCount == 1 ? "seed \(seeds.lowerBound)" : "\(tally.runCount) runs, seeds \(seeds.lowerBound) to \(seeds.upperBound)"
        }
        print("\(tally.file.scenario.name): \(verdict) (\(seeds ?? "no run"))")
        let figures = tally.figures
        let width = figures.map(\.value.count).max() ?? 0
        for figure in figures {
            let name = figure.name.padded(to: 16)
            let value = figure.note.isEmpty ? figure.value : figure.value.padded(to: width)
            print("  \(name)\(value)\(figure.note.isEmpty ? "" : "  \(figure.note)")")
        }
        if tally.runCount == 1, let outcome = tally.first { self.showExpectations(outcome) }
        for outcome in tally.missed.prefix(self.shownCount) { self.showMissed(outcome, isAlone: tally.runCount == 1) }
        for outcome in tally.broken.prefix(self.shownCount) { self.showBroken(outcome) }
        self.showRest(tally.missedCount - self.shownCount, "missed an expectation")
        self.showRest(tally.brokenCount - self.shownCount, "broke a rule")
    }

    private static func showRest(_ count: Int, _ what: String) {
        if count > 0 { print("  and \(count) more runs \(what)") }
    }

    /// All expectations of a single run, with what was seen.
    private static func showExpectations(_ outcome: RunOutcome) {
        let scenario = outcome.run.file.scenario
        for expectation in outcome.result.expectations {
            let text = scenario.text(of: scenario.expectations[expectation.index])
            print("    \(expectation.isMet ? "✓" : "✗") \(text): \(expectation.observed)")
        }
    }

    /// - Parameter isAlone: Whether all expectations were told already.
    private static func showMissed(_ outcome: RunOutcome, isAlone: Bool) {
        let scenario = outcome.run.file.scenario
        for expectation in outcome.result.expectations where !expectation.isMet && !isAlone {
            let text = scenario.text(of: scenario.expectations[expectation.index])
            print("  EXPECTED  \(text)")
            print("  seen      \(expectation.observed), seed \(outcome.result.seed)")
        }
        print("  repeat    \(outcome.run.command)")
    }

    private static func showBroken(_ outcome: RunOutcome) {
        guard let violation = outcome.result.violation else { return }
        let at = FigureText.time(Interval(nanoseconds: violation.at.nanoseconds))
        print("  RULE \(violation.rule)    \(VisibleText.escaped(violation.text))")
        print("  at        \(at), step \(violation.step), seed \(outcome.result.seed)")
        print("  repeat    \(outcome.run.command)")
    }
}

extension String {
    /// With spaces behind it, up to so many characters.
    fileprivate func padded(to width: Int) -> String {
        self.count >= width ? self : self + String(repeating: " ", count: width - self.count)
    }
}
