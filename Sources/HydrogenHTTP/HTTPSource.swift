import HydrogenMetrics

/// Whether the server takes new work: the answer to a load balancer's probe.
package enum Readiness: Sendable, Hashable {
    case ready
    /// Starting, draining, or a store that fails; the reason is shown to whoever asks.
    case notReady(reason: String)
}

/// What the HTTP side shows. The closures are called from the daemon's thread, which serves nobody else meanwhile: they
/// answer within a fraction of a second, and outlive the WebSocket side.
package struct HTTPSource: Sendable {
    package var metrics: @Sendable (ExpositionFormat) -> [UInt8]
    package var readiness: @Sendable () -> Readiness
    /// The status document, in JSON.
    package var status: @Sendable () -> [UInt8]

    package init(
        metrics: @escaping @Sendable (ExpositionFormat) -> [UInt8], readiness: @escaping @Sendable () -> Readiness,
        status: @escaping @Sendable () -> [UInt8]
    ) {
        self.metrics = metrics
        self.readiness = readiness
        self.status = status
    }
}
