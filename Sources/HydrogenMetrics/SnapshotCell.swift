import Synchronization

/// Where one loop leaves copies of its counters for scrapers, when they ask.
///
/// Two buffers under a sequence number: publication n lies in buffer n mod 2, so that the latest whole one can be read
/// at any time, also while the loop writes the next, and even if the loop has stopped in the midst of that. A reader that
/// was overtaken reads again. No side ever waits for the other in here; every word is a relaxed atomic.
package final class SnapshotCell: Sendable {
    private let wordCount: Int
    private let buffers: [[AtomicWords]]
    /// Number of publications that are whole; 0 is the buffer of zeros from the start.
    private let publications = Atomic<UInt64>(0)
    /// Number of publications that were begun: the same, or one more.
    private let begun = Atomic<UInt64>(0)
    /// The highest request number that a publication has answered.
    private let answers = Atomic<UInt64>(0)
    /// Raised by one by each scraper.
    @usableFromInline let requests = Atomic<UInt64>(0)

    /// A cell for the counters of one loop, laid out by the table.
    package init(_ table: MetricsTable) {
        self.wordCount = table.wordCount
        let chunkCount = (table.wordCount + AtomicWords.count - 1) / AtomicWords.count
        self.buffers = (0..<2).map { _ in (0..<chunkCount).map { _ in AtomicWords() } }
    }

    /// The loop's side: the latest request number.
    @inlinable
    package var latestRequest: UInt64 { self.requests.load(ordering: .relaxed) }

    /// The loop's side: makes `words` the latest snapshot. Only ever one thread at a time.
    @usableFromInline
    func publish(_ words: Span<Int64>, answering request: UInt64) {
        let next = self.publications.load(ordering: .relaxed) &+ 1
        // A reader that sees one of the words below also sees that they were begun: its counterpart is the fence in `read`.
        self.begun.store(next, ordering: .relaxed)
        atomicMemoryFence(ordering: .releasing)
        var index = 0
        for chunk in self.buffers[Int(next & 1)] {
            for place in 0..<min(AtomicWords.count, words.count - index) {
                chunk.words[place].store(words[index], ordering: .relaxed)
                index += 1
            }
        }
        self.publications.store(next, ordering: .releasing)
        self.answers.store(request, ordering: .releasing)
    }

    /// The scraper's side: asks for a snapshot, and returns the number by which to recognise the answer.
    func request() -> UInt64 { self.requests.add(1, ordering: .relaxed).newValue }

    /// The scraper's side: whether a snapshot was taken after that request.
    func isAnswered(_ request: UInt64) -> Bool { self.answers.load(ordering: .acquiring) >= request }

    /// The scraper's side: the latest snapshot, one moment of the loop; zeros if it never published.
    func read() -> [Int64] {
        while true {
            let before = self.publications.load(ordering: .acquiring)
            let buffer = self.buffers[Int(before & 1)]
            let words = (0..<self.wordCount).map { index in
                buffer[index / AtomicWords.count].words[index % AtomicWords.count].load(ordering: .relaxed)
            }
            atomicMemoryFence(ordering: .acquiring)
            // The next publication fills the other buffer; only the one after it overwrites these words. Another round
            // means that the loop has answered others twice meanwhile: it publishes only when asked.
            if self.begun.load(ordering: .relaxed) <= before &+ 1 { return words }
        }
    }
}

/// A fixed number of atomic words in one piece of memory.
private final class AtomicWords: Sendable {
    static let count = 64
    let words = InlineArray<64, Atomic<Int64>> { _ in Atomic(0) }
}
