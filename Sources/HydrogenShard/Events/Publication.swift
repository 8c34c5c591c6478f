import HydrogenProtocol

/// A publish whose response waits for other loops: for the keeper of its key, or for their counts of receivers.
struct Publication {
    var answer: PendingAnswer
    var event: PublishedEvent
    var wantsCount: Bool
    /// Loops that have not told their number yet.
    var awaitedCount = 0
    var receiverCount = 0
}
