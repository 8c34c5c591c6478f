import HydrogenProtocol

/// Tells the n-th occurrence of something within a sliding span of time.
///
/// It remembers at most 64 moments, whatever the limit, so no peer makes it grow. For limits up to 64 it is exact;
/// beyond, what happens within a 64th of the span counts as one moment, and is forgotten that much early at the most,
/// never late.
struct OccurrenceWindow: Sendable {
    private struct Run {
        var at: Instant
        var count: Int
    }

    static let maximumRunCount = 64

    /// Oldest first.
    private var runs: [Run] = []
    private var count = 0

    /// Counts one occurrence.
    /// - Returns: whether it is the `limit`-th, or a later one, within `span`.
    mutating func record(at now: Instant, limit: Int, within span: Interval) -> Bool {
        self.forget(at: now, span)
        self.append(at: now, limit: limit, span)
        return self.count >= limit
    }

    /// Counts one occurrence unless there were `limit` within `span` already.
    /// - Returns: whether it was counted.
    mutating func admit(at now: Instant, limit: Int, within span: Interval) -> Bool {
        self.forget(at: now, span)
        guard self.count < limit else { return false }
        self.append(at: now, limit: limit, span)
        return true
    }

    private mutating func append(at now: Instant, limit: Int, _ span: Interval) {
        self.count += 1
        let grain = limit > Self.maximumRunCount ? span.nanoseconds / Int64(Self.maximumRunCount) + 1 : 1
        if let last = self.runs.last, (now - last.at).nanoseconds < grain {
            self.runs[self.runs.count - 1].count += 1
            return
        }
        // With a limit up to 64 the newest 64 tell all there is to know; with a larger one there are never more.
        if self.runs.count == Self.maximumRunCount { self.count -= self.runs.removeFirst().count }
        self.runs.append(Run(at: now, count: 1))
    }

    /// Drops what is a whole span old.
    private mutating func forget(at now: Instant, _ span: Interval) {
        var dropped = 0
        while dropped < self.runs.count, now - self.runs[dropped].at >= span {
            self.count -= self.runs[dropped].count
            dropped += 1
        }
        if dropped > 0 { self.runs.removeFirst(dropped) }
    }
}
