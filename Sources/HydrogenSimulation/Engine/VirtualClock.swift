import HydrogenProtocol

/// The time of the simulated world. The monotonic clock goes from one happening to the next; the wall clock goes with
/// it, and is set when somebody sets it.
struct VirtualClock {
    /// How late a deadline may be noticed.
    static let tick = Interval.milliseconds(10)

    private(set) var now = Instant(nanoseconds: 0)
    private var wallAtStart: Int64

    init(startsAt start: WallTime) { self.wallAtStart = start.milliseconds }

    var wall: WallTime { WallTime(milliseconds: self.wallAtStart + self.now.nanoseconds / 1_000_000) }
    var moment: Moment { Moment(instant: self.now, wall: self.wall) }

    mutating func advance(to time: Instant) { self.now = time }

    /// Sets the wall clock.
    mutating func jump(by interval: Interval) { self.wallAtStart += interval.milliseconds }
}
