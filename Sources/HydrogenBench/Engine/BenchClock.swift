import Glibc

/// Clocks of a run, in nanoseconds.
enum BenchClock {
    static var now: Int64 { self.read(CLOCK_MONOTONIC) }

    /// The CPU time of the calling thread.
    static var threadCPU: Int64 { self.read(CLOCK_THREAD_CPUTIME_ID) }

    /// The CPU time of another process, all its threads together, those that ended among them.
    static func cpu(ofProcess process: Int32) -> Int64? {
        var clock = clockid_t()
        guard unsafe clock_getcpuclockid(process, &clock) == 0 else { return nil }
        return self.read(clock)
    }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
