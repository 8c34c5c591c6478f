import HydrogenConfiguration
import HydrogenConnection
import HydrogenProtocol
import HydrogenSimulation

extension Scenario {
    /// An expectation in words: the author's, or made from what it measures.
    package func text(of expectation: Expectation) -> String {
        expectation.text.isEmpty ? self.text(of: expectation.condition) : expectation.text
    }

    private func text(of condition: Expectation.Condition) -> String {
        switch condition {
        case .connections(let states, let comparison, let bound, let at, let scope):
            let names = states.map { "\($0.label)" }.joined(separator: " or ")
            return "\(self.bound(comparison, bound)) connections\(self.text(of: scope)) \(names) at \(SpanText.text(of: at))"
        case .connectedClients(let comparison, let bound, let at, let scope):
            return "\(self.bound(comparison, bound)) clients\(self.text(of: scope)) connected at \(SpanText.text(of: at))"
        case .total(let quantity, let comparison, let bound, let from, let to, let scope):
            let what = self.text(of: quantity)
            return "\(self.bound(comparison, bound)) \(what)\(self.text(of: scope))\(self.times(from, to))"
        case .rate(let quantity, let comparison, let bound, let window, let from, let to, let scope):
            let what = "\(self.text(of: quantity)) in any \(SpanText.text(of: window))"
            return "\(self.bound(comparison, bound)) \(what)\(self.text(of: scope))\(self.times(from, to))"
        case .latency(let latency, let perMille, let atMost, let from, let to, let scope):
            let what = "p\(ExactDecimal.text(perMille, places: 1)) of \(latency.rawValue)\(self.text(of: scope))"
            return "\(what) at most \(SpanText.text(of: atMost))\(self.times(from, to))"
        case .metric(let name, let comparison, let bound, let at):
            let when = at.map { "at \(SpanText.text(of: $0))" } ?? "at the end"
            return "\(name) is \(self.bound(comparison, bound)) \(when)"
        }
    }

    private func bound(_ comparison: Expectation.Comparison, _ bound: Int) -> String {
        switch comparison {
        case .atMost: "at most \(bound)"
        case .atLeast: "at least \(bound)"
        case .exactly: "exactly \(bound)"
        }
    }

    private func text(of quantity: Expectation.Quantity) -> String { ValueForm.quantityText(quantity) }

    private func text(of scope: Expectation.Scope) -> String {
        switch scope {
        case .everybody: ""
        case .group(let index): " of \(self.groups[index].name)"
        case .eachClient(let index): " of each of \(self.groups[index].name)"
        }
    }

    private func times(_ from: Interval, _ to: Interval?) -> String {
        switch (from, to) {
        case (.zero, nil): ""
        case (_, nil): " after \(SpanText.text(of: from))"
        case (.zero, .some(let to)): " until \(SpanText.text(of: to))"
        case (_, .some(let to)): " from \(SpanText.text(of: from)) to \(SpanText.text(of: to))"
        }
    }
}
