/// The words of a counter's or gauge's series: `block[3]` is the slot of the fourth. A plain offset.
package struct SeriesBlock: Sendable, Hashable {
    /// The slot of the first series.
    package let first: Int
    /// How many series there are.
    package let count: Int

    /// The slot of a series, by its place in the list that the table was given.
    @inlinable
    package subscript(series: Int) -> Int {
        assert(series >= 0 && series < self.count, "a family has no such series")
        return self.first &+ series
    }
}

/// The words of a histogram's series. A plain offset.
package struct HistogramBlock: Sendable, Hashable {
    /// The first word of the first series.
    package let first: Int
    /// How many series there are.
    package let count: Int
    /// Where this histogram's bounds begin among those of the table.
    @usableFromInline let firstBound: Int
    @usableFromInline let boundCount: Int

    /// The first bucket of a series.
    @inlinable
    package func buckets(of series: Int) -> Int {
        assert(series >= 0 && series < self.count, "a histogram has no such series")
        return self.first &+ series &* (self.boundCount &+ 2)
    }

    /// The word that holds the sum of a series' observations, in nanoseconds.
    @inlinable
    package func sum(of series: Int) -> Int { self.buckets(of: series) &+ self.boundCount &+ 1 }
}
