/// What all threads had counted: per thread one moment.
package struct MetricsSnapshot: Sendable {
    /// The counters of one thread.
    package struct Thread: Sendable {
        /// Its number as the label `loop`, nil for a thread that is no loop.
        package var loop: Int?
        /// By slot.
        package var words: [Int64]
        /// Whether they were taken for this scrape; false if the thread did not answer in time.
        package var isFresh: Bool

        package init(loop: Int?, words: [Int64], isFresh: Bool) {
            self.loop = loop
            self.words = words
            self.isFresh = isFresh
        }
    }

    package var threads: [Thread]

    package init(threads: [Thread]) { self.threads = threads }

    /// The sum of a counter or gauge over all threads.
    package func total(_ slot: Int) -> Int64 {
        self.threads.reduce(0) { $0 &+ $1.words[slot] }
    }

    /// The sum of all series of a family over all threads.
    package func total(_ block: SeriesBlock) -> Int64 {
        (0..<block.count).reduce(0) { $0 &+ self.total(block[$1]) }
    }

    /// How many observations a series of a histogram has, over all threads.
    package func observationCount(_ histogram: HistogramBlock, _ series: Int = 0) -> Int64 {
        let first = histogram.buckets(of: series)
        return (first...(first + histogram.boundCount)).reduce(0) { $0 &+ self.total($1) }
    }

    /// The sum of the observations of a histogram's series in nanoseconds, over all threads.
    package func observationSum(_ histogram: HistogramBlock, _ series: Int = 0) -> Int64 {
        self.total(histogram.sum(of: series))
    }
}
