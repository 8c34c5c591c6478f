import HydrogenProtocol
import HydrogenShard

/// Where a loop puts what it does not do itself. Everything is called on the loop's thread, and must not wait.
package struct LoopDelegate: Sendable {
    /// Hands a command to its service.
    package var dispatch: @Sendable (ServiceRequest) -> Void
    /// Hands a batch to the durable store.
    package var store: @Sendable (StoreBatch) -> Void
    /// Tells what came of a `Mail.publish`, by its number.
    package var published: @Sendable (UInt64, PublishOutcome) -> Void
    package var log: @Sendable (LogRecord) -> Void
    /// The core has no connection left, after it was told to drain.
    package var drained: @Sendable (LoopIndex) -> Void
    package var fault: @Sendable (LoopIndex, LoopFault) -> Void

    package init(
        dispatch: @escaping @Sendable (ServiceRequest) -> Void = { _ in },
        store: @escaping @Sendable (StoreBatch) -> Void = { _ in },
        published: @escaping @Sendable (UInt64, PublishOutcome) -> Void = { _, _ in },
        log: @escaping @Sendable (LogRecord) -> Void = { _ in },
        drained: @escaping @Sendable (LoopIndex) -> Void = { _ in },
        fault: @escaping @Sendable (LoopIndex, LoopFault) -> Void = { _, _ in }
    ) {
        self.dispatch = dispatch
        self.store = store
        self.published = published
        self.log = log
        self.drained = drained
        self.fault = fault
    }
}
