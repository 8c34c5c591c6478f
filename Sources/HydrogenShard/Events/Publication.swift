import HydrogenProtocol

/// A publish whose response waits for other loops: for the keeper of its key, or for their counts of receivers.
struct Publication {
    var connection: ConnectionID
    /// The decoded id of the command.
    var id: [UInt8]
    var event: PublishedEvent
    var wantsCount: Bool
    var receivedAt: Instant
    /// Loops that have not told their number yet.
    var awaitedCount = 0
    var receiverCount = 0
}
