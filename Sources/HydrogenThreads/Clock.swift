import Glibc
import HydrogenProtocol

/// The two clocks of this machine: what the core is told as `at now:`.
package enum Clock {
    /// Both clocks, read one after the other (about 25 ns each).
    package static func now() -> Moment {
        Moment(instant: Self.instant(), wall: Self.wallTime())
    }

    /// The monotonic clock alone.
    package static func instant() -> Instant {
        let time = Self.read(CLOCK_MONOTONIC)
        return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    /// The wall clock alone.
    package static func wallTime() -> WallTime {
        let time = Self.read(CLOCK_REALTIME)
        return WallTime(milliseconds: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
    }

    private static func read(_ clock: clockid_t) -> timespec {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return time
    }
}
