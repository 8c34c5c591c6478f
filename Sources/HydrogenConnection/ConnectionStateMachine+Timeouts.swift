import HydrogenProtocol

extension ConnectionStateMachine {
    /// The time-outs of the configuration: one value for all connections, handed in with each event.
    package struct Timeouts: Sendable, Hashable {
        /// From accept to being in service.
        package var handshake: Interval
        /// Silence after which a ping is sent; zero: a ping only as the last check before `idleTimeout`.
        package var heartbeatInterval: Interval
        /// Silence after a ping until it counts as missed.
        package var heartbeatTimeout: Interval
        /// From the first missed heartbeat to the end.
        package var inactiveTimeout: Interval
        /// Silence that ends a connection in any case; at least the three before it together.
        package var idleTimeout: Interval
        /// For the end of a connection to happen by itself; then it is forced.
        package var closeTimeout: Interval
        /// For references to come back.
        package var zombieTimeout: Interval

        package init(
            handshake: Interval, heartbeatInterval: Interval, heartbeatTimeout: Interval, inactiveTimeout: Interval,
            idleTimeout: Interval, closeTimeout: Interval, zombieTimeout: Interval
        ) {
            self.handshake = handshake
            self.heartbeatInterval = heartbeatInterval
            self.heartbeatTimeout = heartbeatTimeout
            self.inactiveTimeout = inactiveTimeout
            self.idleTimeout = idleTimeout
            self.closeTimeout = closeTimeout
            self.zombieTimeout = zombieTimeout
        }

        /// Silence in `connected` until a ping is sent. Without an interval, as late as leaves the peer the whole
        /// time of a missed heartbeat before `idleTimeout`; but pings never follow each other faster than they can
        /// be missed.
        var silenceBeforePing: Interval {
            guard self.heartbeatInterval == .zero else { return self.heartbeatInterval }
            let check = self.heartbeatTimeout + self.inactiveTimeout
            return max(Interval(nanoseconds: self.idleTimeout.nanoseconds - check.nanoseconds), self.heartbeatTimeout)
        }
    }
}
