/// What a family of samples is to Prometheus.
package enum MetricKind: String, Sendable, CaseIterable {
    /// Only rises while the process lives; its samples end in `_total`.
    case counter
    /// Goes up and down.
    case gauge
    /// Observations sorted into buckets by an upper bound that is inclusive.
    case histogram
}

/// How the values of several loops become samples.
package enum MetricScope: Sendable {
    /// One sample: the sum over all loops.
    case summed
    /// One sample for each loop, told apart by the label `loop` (from 0).
    case perLoop
}

/// The base unit of a family: its name ends in it, and OpenMetrics says it by `# UNIT`.
package enum MetricUnit: String, Sendable, CaseIterable {
    case seconds, bytes

    /// The unit that the base name of a family (without `_total`) ends in, nil if it ends in none.
    static func ending(_ baseName: String) -> MetricUnit? {
        Self.allCases.first { baseName.hasSuffix("_\($0.rawValue)") }
    }
}

/// One family of a table: its name, its series, and where their words lie.
struct MetricFamily: Sendable {
    var kind: MetricKind
    var scope: MetricScope
    /// Prefix and name, without `_total`.
    var baseName: String
    var help: String
    var labels: [String]
    /// The values of `labels`, one list for each series.
    var series: [[String]]
    /// For each series, `name="value",…` escaped, without braces.
    var renderedLabels: [String]
    /// The word of the first series.
    var firstWord: Int
    /// Upper bounds in nanoseconds, rising; empty but for a histogram.
    var bounds: [Int64]

    var unit: MetricUnit? { MetricUnit.ending(self.baseName) }

    /// Words of one series: one, or a histogram's buckets (the last is unbounded) and its sum.
    var wordsPerSeries: Int { self.kind == .histogram ? self.bounds.count + 2 : 1 }
}
