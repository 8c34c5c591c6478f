/// A thread that counts, as a scraper knows it.
package struct MetricsSource: Sendable {
    /// Its number as the label `loop`; nil for a thread that is no loop (its families per loop are left out).
    package let loop: Int?
    package let cell: SnapshotCell
    /// Makes the thread come to the end of a turn soon; called from the scraper's thread.
    package let wake: @Sendable () -> Void

    package init(loop: Int?, cell: SnapshotCell, wake: @escaping @Sendable () -> Void) {
        self.loop = loop
        self.cell = cell
        self.wake = wake
    }
}

/// Asks all loops for their counters. Any number of threads may scrape at a time.
package struct MetricsScraper: Sendable {
    package let table: MetricsTable
    private let sources: [MetricsSource]

    package init(table: MetricsTable, sources: [MetricsSource]) {
        self.table = table
        self.sources = sources
    }

    /// One consistent snapshot of each loop, all taken after this call began; of a loop that does not answer in time, the
    /// one before.
    ///
    /// - Parameter pause: waits a little, given how often it was called before; false when no more time is left.
    package func scrape(pause: (_ round: Int) -> Bool) -> MetricsSnapshot {
        let requests = self.sources.map { source in source.cell.request() }
        for source in self.sources { source.wake() }
        var round = 0
        while !zip(self.sources, requests).allSatisfy({ $0.cell.isAnswered($1) }) && pause(round) {
            round += 1
        }
        let threads = zip(self.sources, requests).map { source, request in
            // Asked before the words are read: an answer that comes in between is not taken for an old one's.
            let isFresh = source.cell.isAnswered(request)
            return MetricsSnapshot.Thread(loop: source.loop, words: source.cell.read(), isFresh: isFresh)
        }
        return MetricsSnapshot(threads: threads)
    }
}
