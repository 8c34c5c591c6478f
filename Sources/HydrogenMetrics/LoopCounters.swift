/// The counters of one loop: plain memory that its thread alone reads and writes. Others see copies of it, through a
/// `SnapshotCell`; nothing here is atomic, and a count costs a few instructions.
///
/// One value of this type publishes to one cell, always the same.
@safe package struct LoopCounters: ~Copyable {
    /// Not an array, which would be asked at each count whether it is shared.
    @usableFromInline let words: UnsafeMutableBufferPointer<Int64>
    @usableFromInline let bounds: [Int64]
    /// The last request of a scraper that this loop has answered.
    @usableFromInline var answeredRequest: UInt64 = 0

    /// Counters at 0, laid out by the table.
    package init(_ table: MetricsTable) {
        unsafe self.words = .allocate(capacity: table.wordCount)
        unsafe self.words.initialize(repeating: 0)
        self.bounds = table.bounds
    }

    deinit { unsafe self.words.deallocate() }

    /// A word of the table. Traps outside of it.
    @inlinable @inline(__always)
    func place(_ slot: Int) -> UnsafeMutablePointer<Int64> {
        precondition(unsafe slot >= 0 && slot < self.words.count)
        return unsafe self.words.baseAddress.unsafelyUnwrapped + slot
    }

    /// Adds to a counter, or a positive or negative delta to a gauge.
    @inlinable @inline(__always)
    package mutating func add(_ slot: Int, _ amount: Int64 = 1) {
        unsafe self.place(slot).pointee &+= amount
    }

    /// Sets a gauge to what it is now on this loop.
    @inlinable
    package mutating func set(_ slot: Int, _ value: Int64) {
        unsafe self.place(slot).pointee = value
    }

    /// What a counter or gauge of this loop is.
    @inlinable
    package func value(_ slot: Int) -> Int64 { unsafe self.place(slot).pointee }

    /// All words, laid out by the table.
    package func withWords(_ body: (Span<Int64>) -> Void) { unsafe body(self.words.span) }

    /// Sorts a duration, which was seen `count` times, into its bucket. A negative one, which a monotonic clock never
    /// gives, counts as 0.
    @inlinable
    package mutating func observe(
        _ histogram: HistogramBlock, _ series: Int = 0, nanoseconds: Int64, count: Int64 = 1
    ) {
        let duration = max(nanoseconds, 0)
        var low = histogram.firstBound
        var high = low &+ histogram.boundCount
        while low < high {
            let middle = (low &+ high) >> 1
            if self.bounds[middle] < duration { low = middle &+ 1 } else { high = middle }
        }
        self.add(histogram.buckets(of: series) &+ (low &- histogram.firstBound), count)
        self.add(histogram.sum(of: series), duration &* count)
    }

    /// Answers a scraper that has asked since the last call: to be called at the end of each turn of the loop, when the
    /// counters agree with each other. When nobody asked, this is one relaxed load.
    @inlinable
    package mutating func publishIfRequested(to cell: SnapshotCell) {
        let request = cell.latestRequest
        if request != self.answeredRequest {
            self.answeredRequest = request
            unsafe cell.publish(self.words.span, answering: request)
        }
    }

    /// Publishes without having been asked: at the loop's end, so that its last counts are not lost.
    package mutating func publish(to cell: SnapshotCell) {
        let request = cell.latestRequest
        self.answeredRequest = request
        unsafe cell.publish(self.words.span, answering: request)
    }
}
