import HydrogenShard

/// Everything that a store holds, as loops take it over.
package struct StoreContents: Sendable {
    /// By loop.
    package var loops: [RestoredState]
    /// The highest `sequence` of an event: the next one must be above it.
    package var lastSequence: UInt64
    package var sessionCount: Int
    package var eventCount: Int
    /// Rows whose event is gone: their clients are told of gaps.
    package var lostRowCount: Int
}
