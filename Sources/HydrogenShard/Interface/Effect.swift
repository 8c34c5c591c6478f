import HydrogenProtocol

/// What the shard wants done. The driver polls `Shard.nextEffect()` until it is nil after every call, and does each
/// in order, outside of the shard.
package enum Effect: Sendable {
    /// Call `writable` as soon as the transport of this connection can take bytes.
    case requestWritable(ConnectionID)
    /// Start the closing handshake, once every byte that was taken has left. The reason is sent as its text.
    case close(ConnectionID, CloseCode, reason: ErrorCode?)
    /// End the transport at once, without a closing handshake.
    case abort(ConnectionID)
    /// Put a message into the mailbox of a loop. Its place is reserved already: there is room.
    case post(Mail, to: LoopIndex)
    /// Hand a command to a service. Its place in the service's queue is reserved already.
    case dispatch(ServiceRequest)
    /// Hand a batch to the durable store.
    case store(StoreBatch)
    /// What came of a `Mail.publish`, by its number.
    case published(UInt64, PublishOutcome)
    case log(LogRecord)
    /// The shard drains, and its last connection is freed.
    case drained
}
