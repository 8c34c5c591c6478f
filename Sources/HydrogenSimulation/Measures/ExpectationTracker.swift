import HydrogenProtocol

/// Follows one expectation through a run.
struct ExpectationTracker {
    /// One client, one group, or everybody.
    private struct Unit {
        var count = 0
        /// Times in the running window, oldest at `first`.
        var times: [Int64] = []
        var first = 0
        /// The window that is being filled, for windows side by side.
        var window: Int64 = 0
        var windowCount = 0
    }

    let index: Int
    let expectation: Expectation
    let group: Int?
    let isPerClient: Bool
    private let from: Int64
    private let to: Int64
    private var units: [Unit] = []
    private var latencies = LatencyHistogram()
    /// The worst that was seen: a count, when, and of whom.
    private var worst: (count: Int, at: Int64, unit: Int)?
    /// What a look at its time found.
    private var looked: (count: Int, note: String)?

    init(_ expectation: Expectation, index: Int, groupSizes: [Int]) {
        self.index = index
        self.expectation = expectation
        var scope = Expectation.Scope.everybody
        var span: (from: Interval, to: Interval?) = (.zero, nil)
        switch expectation.condition {
        case .connections(_, _, _, _, let given), .connectedClients(_, _, _, let given): scope = given
        case .total(_, _, _, let from, let to, let given): (scope, span) = (given, (from, to))
        case .rate(_, _, _, _, let from, let to, let given): (scope, span) = (given, (from, to))
        case .latency(_, _, _, let from, let to, let given): (scope, span) = (given, (from, to))
        case .metric: break
        }
        self.from = span.from.nanoseconds
        self.to = span.to?.nanoseconds ?? Int64.max
        switch scope {
        case .everybody: (self.group, self.isPerClient) = (nil, false)
        case .group(let group): (self.group, self.isPerClient) = (group, false)
        case .eachClient(let group): (self.group, self.isPerClient) = (group, true)
        }
        let unitCount = self.isPerClient ? self.group.map { groupSizes[$0] } ?? 1 : 1
        self.units = (0..<unitCount).map { _ in Unit() }
    }

    /// When it is to be looked at; nil: it counts, or it is looked at at the end.
    var lookAt: Interval? {
        switch expectation.condition {
        case .connections(_, _, _, let at, _), .connectedClients(_, _, let at, _): at
        case .metric(_, _, _, let at): at
        case .total, .rate, .latency: nil
        }
    }

    mutating func look(_ count: Int, _ note: String = "") { self.looked = (count, note) }

    /// Something happened.
    mutating func count(_ fact: Fact, group: Int, numberInGroup: Int, at now: Int64) {
        guard now >= self.from, now < self.to, self.group == nil || self.group == group else { return }
        let unit = self.isPerClient ? numberInGroup : 0
        switch self.expectation.condition {
        case .total(let quantity, _, _, _, _, _):
            if fact.counts(for: quantity) { self.units[unit].count += 1 }
        case .rate(let quantity, let comparison, _, let window, _, _, _):
            guard fact.counts(for: quantity) else { return }
            if comparison == .atMost { self.slide(unit, window.nanoseconds, now) } else { self.fill(unit, window.nanoseconds, now) }
        case .connections, .connectedClients, .latency, .metric:
            return
        }
    }

    mutating func record(_ latency: Expectation.Latency, _ interval: Interval, group: Int, at now: Int64) {
        guard now >= self.from, now < self.to, self.group == nil || self.group == group,
            case .latency(let wanted, _, _, _, _, _) = self.expectation.condition, wanted == latency
        else { return }
        self.latencies.record(interval)
    }

    /// Any window that ends with this one.
    private mutating func slide(_ unit: Int, _ window: Int64, _ now: Int64) {
        self.units[unit].times.append(now)
        while self.units[unit].times[self.units[unit].first] <= now - window { self.units[unit].first += 1 }
        let count = self.units[unit].times.count - self.units[unit].first
        if self.worst.map({ $0.count < count }) ?? true { self.worst = (count, now, unit) }
        guard self.units[unit].first > 1024, self.units[unit].first * 2 > self.units[unit].times.count else { return }
        self.units[unit].times.removeFirst(self.units[unit].first)
        self.units[unit].first = 0
    }

    /// Windows side by side.
    private mutating func fill(_ unit: Int, _ window: Int64, _ now: Int64) {
        self.closeWindows(unit, window, upTo: (now - self.from) / max(window, 1))
        self.units[unit].windowCount += 1
    }

    private mutating func closeWindows(_ unit: Int, _ window: Int64, upTo current: Int64) {
        while self.units[unit].window < current {
            let count = self.units[unit].windowCount
            if self.worst.map({ count < $0.count }) ?? true {
                self.worst = (count, self.from + self.units[unit].window * window, unit)
            }
            self.units[unit].windowCount = 0
            self.units[unit].window += 1
        }
    }

    /// What became of it.
    mutating func outcome(end: Int64) -> ExpectationOutcome {
        switch self.expectation.condition {
        case .connections(_, let comparison, let bound, _, _), .connectedClients(let comparison, let bound, _, _),
            .metric(_, let comparison, let bound, _):
            guard let looked = self.looked else {
                return ExpectationOutcome(index: self.index, isMet: false, observed: "the run did not come to its time")
            }
            return ExpectationOutcome(
                index: self.index, isMet: comparison.holds(looked.count, bound),
                observed: Self.text(looked.count, comparison, bound, looked.note))
        case .total(_, let comparison, let bound, _, _, _):
            return self.totalOutcome(comparison, bound)
        case .rate(_, let comparison, let bound, let window, _, _, _):
            if comparison != .atMost {
                for unit in self.units.indices {
                    self.closeWindows(unit, window.nanoseconds, upTo: (min(end, self.to) - self.from) / max(window.nanoseconds, 1))
                }
            }
            let seen = self.worst ?? (0, self.from, 0)
            return ExpectationOutcome(
                index: self.index, isMet: comparison.holds(seen.count, bound),
                observed: Self.text(seen.count, comparison, bound, self.place(seen.at, seen.unit)))
        case .latency(_, let perMille, let bound, _, _, _):
            let seen = self.latencies.percentile(perMille: perMille)
            return ExpectationOutcome(
                index: self.index, isMet: seen <= bound && self.latencies.count > 0,
                observed: "\(Self.text(seen)) of \(self.latencies.count) (at most \(Self.text(bound)))")
        }
    }

    private func totalOutcome(_ comparison: Expectation.Comparison, _ bound: Int) -> ExpectationOutcome {
        let order = self.units.indices.sorted { left, right in
            let distances = [left, right].map { comparison.distance(self.units[$0].count, bound) }
            return distances[0] > distances[1] || (distances[0] == distances[1] && left < right)
        }
        let unit = order.first ?? 0
        let count = self.units.isEmpty ? 0 : self.units[unit].count
        let note = self.isPerClient ? "client \(unit) of the group" : ""
        return ExpectationOutcome(
            index: self.index, isMet: comparison.holds(count, bound),
            observed: Self.text(count, comparison, bound, note))
    }

    private func place(_ at: Int64, _ unit: Int) -> String {
        let time = "at \(Self.text(Interval(nanoseconds: at)))"
        return self.isPerClient ? "\(time), client \(unit) of the group" : time
    }

    private static func text(
        _ count: Int, _ comparison: Expectation.Comparison, _ bound: Int, _ note: String
    ) -> String {
        let words =
            switch comparison {
            case .atMost: "at most"
            case .atLeast: "at least"
            case .exactly: "exactly"
            }
        return "\(count) (\(words) \(bound))\(note.isEmpty ? "" : ", \(note)")"
    }

    /// In seconds, to the millisecond.
    private static func text(_ interval: Interval) -> String {
        let milliseconds = interval.nanoseconds / 1_000_000
        let fraction = String(milliseconds % 1000)
        return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - fraction.count))\(fraction) s"
    }
}

extension Expectation.Comparison {
    func holds(_ count: Int, _ bound: Int) -> Bool {
        switch self {
        case .atMost: count <= bound
        case .atLeast: count >= bound
        case .exactly: count == bound
        }
    }

    /// How far beyond the bound a count is: the greatest is the worst.
    fileprivate func distance(_ count: Int, _ bound: Int) -> Int {
        switch self {
        case .atMost: count - bound
        case .atLeast: bound - count
        case .exactly: abs(count - bound)
        }
    }
}
