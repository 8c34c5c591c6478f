import HydrogenProtocol

/// When the store keeps within moments what it is told, as far as the faults tell that struck it. What a client was
/// answered then survives a crash.
struct StoreCalm {
    /// After a trouble, how long until everything that waited for its end is kept: a loop that was refused tries again
    /// after 250 ms, and tells what came meanwhile 20 ms later.
    static let recovery = Interval.seconds(1)
    /// A commit that takes longer is a trouble.
    static let usualCommit = Interval.milliseconds(50)

    /// When it was calm last before the trouble that ends at `troubleEnd`.
    private var calmBefore: Int64 = 0
    /// There is no trouble from then on.
    private var troubleEnd: Int64 = -1

    /// Something goes wrong from now until a time.
    mutating func trouble(at now: Instant, until end: Instant) {
        if now.nanoseconds >= self.troubleEnd { self.calmBefore = now.nanoseconds }
        self.troubleEnd = max(self.troubleEnd, (end + Self.recovery).nanoseconds)
    }

    /// When it was calm last: now, or before the trouble that there is.
    func lastCalm(at now: Instant) -> Int64 { now.nanoseconds >= self.troubleEnd ? now.nanoseconds : self.calmBefore }

    /// When there was a trouble last; -1: never.
    func lastTrouble(at now: Instant) -> Int64 { min(now.nanoseconds, self.troubleEnd) }

    /// From when on something that is answered now is surely kept, if it is calm then.
    func keptFrom(at now: Instant) -> Int64 {
        now.nanoseconds >= self.troubleEnd ? now.nanoseconds : (now + Self.recovery).nanoseconds
    }
}
