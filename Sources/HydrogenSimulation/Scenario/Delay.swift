import HydrogenProtocol

/// A span of time that is drawn anew each time it is needed.
package enum Delay: Sendable, Equatable {
    case fixed(Interval)
    /// Every span between the two is as likely, both included.
    case uniform(Interval, Interval)
    /// At least `least`; half of them up to `typical`, a quarter up to twice that above `least`, an eighth up to four
    /// times, and so on, never beyond `most`: how networks and services are late.
    case longTail(least: Interval, typical: Interval, most: Interval)

    package static let none = Delay.fixed(.zero)

    /// No draw is longer.
    var longest: Interval {
        switch self {
        case .fixed(let interval), .uniform(_, let interval), .longTail(_, _, let interval): interval
        }
    }
}

/// The path between a client and the server.
package struct NetworkLink: Sendable, Equatable {
    /// One way.
    package var latency: Delay
    /// How fast the client takes what the server sends; nil: as it comes.
    package var bytesPerSecond: Int?
    /// What the server's socket takes before it is choked.
    package var sendBufferBytes: Int

    package init(
        latency: Delay = .uniform(.milliseconds(1), .milliseconds(5)), bytesPerSecond: Int? = nil,
        sendBufferBytes: Int = 65_536
    ) {
        self.latency = latency
        self.bytesPerSecond = bytesPerSecond
        self.sendBufferBytes = sendBufferBytes
    }
}
