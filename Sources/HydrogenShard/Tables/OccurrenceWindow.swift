import HydrogenProtocol

/// Tells the n-th occurrence of something within a sliding span of time, exactly: it keeps the last n − 1 times.
struct OccurrenceWindow {
    /// A ring of times, oldest at `next` once full.
    private var times: [Instant] = []
    private var next = 0

    /// Counts one occurrence.
    /// - Returns: whether it is the `limit`-th, or a later one, within `span`.
    mutating func record(at now: Instant, limit: Int, within span: Interval) -> Bool {
        guard limit > 1 else { return true }
        if self.times.count > limit - 1 { self.keepNewest(limit - 1) }
        guard self.times.count == limit - 1 else {
            self.times.append(now)
            return false
        }
        let oldest = self.times[self.next]
        self.times[self.next] = now
        self.next = (self.next + 1) % self.times.count
        return now - oldest < span
    }

    /// A reload made the limit smaller.
    private mutating func keepNewest(_ count: Int) {
        let ordered = self.times[self.next...] + self.times[..<self.next]
        self.times = Array(ordered.suffix(count))
        self.next = 0
    }
}
