import Glibc
import HydrogenMetrics

extension MetricsScraper {
    /// One snapshot of each loop, waiting at most so long for those that do not answer. Looks again after 20 µs, and
    /// then after twice as long each time, up to a millisecond: a loop that was woken answers within the first few.
    package func scrape(timeoutNanoseconds: Int64) -> MetricsSnapshot {
        let deadline = monotonicNanoseconds() + timeoutNanoseconds
        return self.scrape { round in
            let left = deadline - monotonicNanoseconds()
            if left <= 0 { return false }
            var pause = timespec(tv_sec: 0, tv_nsec: Int(min(left, 20_000 << Int64(min(round, 6)), 1_000_000)))
            unsafe nanosleep(&pause, nil)
            return true
        }
    }
}
