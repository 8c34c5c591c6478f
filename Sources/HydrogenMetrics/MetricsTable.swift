/// All families of a process, in the order in which a scrape shows them; built once, at the start.
///
/// Each loop counts in words of its own (`LoopCounters`), laid out by this table; a slot is the index of such a word.
/// Every series is there from the start, at 0.
package struct MetricsTable: Sendable {
    /// What every name of the table begins with, as `hydrogen_`.
    package let prefix: String
    private(set) var families: [MetricFamily] = []
    /// The bounds of all histograms, one after the other, in nanoseconds.
    private(set) var bounds: [Int64] = []
    /// How many words a loop keeps.
    package private(set) var wordCount = 0

    package init(prefix: String = "hydrogen_") { self.prefix = prefix }

    /// Adds a counter.
    ///
    /// - Parameters:
    ///   - name: without the prefix; the ending `_total` may be left out.
    ///   - help: one sentence for the reader of a scrape.
    ///   - labels: label names.
    ///   - series: for each series the values of `labels`, in their order; one list without values for no labels.
    package mutating func counter(
        _ name: String, help: String, labels: [String] = [], series: [[String]] = [[]], scope: MetricScope = .summed
    ) -> SeriesBlock {
        let baseName = name.hasSuffix("_total") ? String(name.dropLast("_total".count)) : name
        let first = self.append(.counter, scope, baseName, help, labels, series, bounds: [])
        return SeriesBlock(first: first, count: series.count)
    }

    /// Adds a gauge. It is kept as signed deltas, so that what rises on one loop may fall on another.
    /// Arguments as for `counter`.
    package mutating func gauge(
        _ name: String, help: String, labels: [String] = [], series: [[String]] = [[]], scope: MetricScope = .summed
    ) -> SeriesBlock {
        let first = self.append(.gauge, scope, name, help, labels, series, bounds: [])
        return SeriesBlock(first: first, count: series.count)
    }

    /// Adds a histogram of durations: observed in nanoseconds, shown in seconds.
    ///
    /// - Parameter bucketsNanoseconds: upper bounds, inclusive, rising; the unbounded bucket is added to them.
    package mutating func histogram(
        _ name: String, help: String, bucketsNanoseconds: [Int64], labels: [String] = [], series: [[String]] = [[]],
        scope: MetricScope = .summed
    ) -> HistogramBlock {
        let firstBound = self.bounds.count
        self.bounds += bucketsNanoseconds
        let first = self.append(.histogram, scope, name, help, labels, series, bounds: bucketsNanoseconds)
        return HistogramBlock(
            first: first, count: series.count, firstBound: firstBound, boundCount: bucketsNanoseconds.count)
    }

    /// The sample that a word of a loop's counters is, as a scrape names it; a histogram's with the place in its series.
    package func name(ofWord word: Int) -> String {
        guard let family = self.families.last(where: { $0.firstWord <= word }) else { return "word \(word)" }
        let place = word - family.firstWord
        let labels = family.renderedLabels[place / family.wordsPerSeries]
        let name = family.baseName + (family.kind == .counter ? "_total" : "") + (labels.isEmpty ? "" : "{\(labels)}")
        return family.kind == .histogram ? "\(name) word \(place % family.wordsPerSeries)" : name
    }

    private mutating func append(
        _ kind: MetricKind, _ scope: MetricScope, _ baseName: String, _ help: String, _ labels: [String],
        _ series: [[String]], bounds: [Int64]
    ) -> Int {
        let family = MetricFamily(
            kind: kind, scope: scope, baseName: self.prefix + baseName, help: help, labels: labels, series: series,
            renderedLabels: series.map { renderLabels(Array(zip(labels, $0))) }, firstWord: self.wordCount,
            bounds: bounds)
        self.families.append(family)
        self.wordCount += family.wordsPerSeries * series.count
        return family.firstWord
    }
}
