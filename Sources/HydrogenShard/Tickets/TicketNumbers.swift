import HydrogenProtocol

/// Numbers the tickets that are given out, and keeps the bound of those that may wait to be used.
package struct TicketNumbers: Sendable {
    /// When each ticket ends that was given out, in their order.
    private var ends: [Instant] = []
    /// Those before it have ended.
    private var first = 0
    private var last: UInt64 = 0

    package init() {}

    /// nil if as many wait as may.
    package mutating func next(at now: Instant) -> UInt64? {
        while self.first < self.ends.count, self.ends[self.first] <= now { self.first += 1 }
        if self.first > Ticket.maximumCount {
            self.ends.removeFirst(self.first)
            self.first = 0
        }
        guard self.ends.count - self.first < Ticket.maximumCount else { return nil }
        self.ends.append(now + Ticket.validity)
        self.last += 1
        return self.last
    }
}
