/// A span of time in nanoseconds; negative when it points backwards.
package struct Interval: Sendable, Hashable, Comparable {
    package var nanoseconds: Int64

    @inlinable package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    package static func milliseconds(_ count: Int64) -> Interval { Interval(nanoseconds: count * 1_000_000) }
    package static func seconds(_ count: Int64) -> Interval { Interval(nanoseconds: count * 1_000_000_000) }
    package static let zero = Interval(nanoseconds: 0)

    /// Whole milliseconds, rounded down.
    package var milliseconds: Int64 { self.nanoseconds / 1_000_000 }
    /// Whole milliseconds and seconds that are not less: for who is told when to come back.
    package var millisecondsRoundedUp: Int64 { self.roundedUp(to: 1_000_000) }
    package var secondsRoundedUp: Int64 { self.roundedUp(to: 1_000_000_000) }

    private func roundedUp(to unit: Int64) -> Int64 {
        self.nanoseconds / unit + (self.nanoseconds % unit > 0 ? 1 : 0)
    }

    // A comparison that the compiler makes up is a call through a witness in other modules.
    @inlinable package static func == (left: Interval, right: Interval) -> Bool { left.nanoseconds == right.nanoseconds }
    @inlinable package static func < (left: Interval, right: Interval) -> Bool { left.nanoseconds < right.nanoseconds }
    @inlinable package static func + (left: Interval, right: Interval) -> Interval {
        Interval(nanoseconds: left.nanoseconds + right.nanoseconds)
    }
    package static func * (left: Interval, count: Int64) -> Interval {
        Interval(nanoseconds: left.nanoseconds * count)
    }
}

/// A point on the monotonic clock: it never jumps, and says nothing about the time of day.
package struct Instant: Sendable, Hashable, Comparable {
    /// Nanoseconds since an origin that the driver chooses, once per process.
    package var nanoseconds: Int64

    @inlinable package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    @inlinable package static func == (left: Instant, right: Instant) -> Bool { left.nanoseconds == right.nanoseconds }
    @inlinable package static func < (left: Instant, right: Instant) -> Bool { left.nanoseconds < right.nanoseconds }
    @inlinable package static func + (instant: Instant, interval: Interval) -> Instant {
        Instant(nanoseconds: instant.nanoseconds + interval.nanoseconds)
    }
    @inlinable package static func - (later: Instant, earlier: Instant) -> Interval {
        Interval(nanoseconds: later.nanoseconds - earlier.nanoseconds)
    }
}

/// A point on the wall clock, which an operator may set: for time stamps and expiry, never for time-outs.
package struct WallTime: Sendable, Hashable, Comparable {
    /// Milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
    package var milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    package static func < (left: WallTime, right: WallTime) -> Bool { left.milliseconds < right.milliseconds }
}

/// The time as an input of the core: both clocks, read together.
package struct Moment: Sendable, Hashable {
    package var instant: Instant
    package var wall: WallTime

    package init(instant: Instant, wall: WallTime) {
        self.instant = instant
        self.wall = wall
    }
}
