import Glibc

/// The monotonic clock.
func monotonicNanoseconds() -> Int64 { nanoseconds(CLOCK_MONOTONIC) }

/// CPU time of this process, user and system.
func processorNanoseconds() -> Int64 { nanoseconds(CLOCK_PROCESS_CPUTIME_ID) }

private func nanoseconds(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    unsafe clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
