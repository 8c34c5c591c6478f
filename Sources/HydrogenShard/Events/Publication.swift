import HydrogenProtocol

/// A publish on its way: until its key is granted, every loop has prepared it, the store has it, or every loop has told
/// its receivers.
struct Publication {
    var publisher: Publisher
    var event: PublishedEvent
    var key: PublishKey?
    var wantsCount: Bool
    /// Whether it is answered and delivered once the store has it.
    var needsCommit: Bool
    /// Loops that have not answered yet.
    var awaitedCount = 0
    var receiverCount = 0
    /// What every loop that has answered put into outboxes.
    var rows: [OutboxRow] = []
    /// What each of these loops calls it.
    var parts: [PreparedPart] = []

    /// Who wants to know what came of it.
    enum Publisher {
        case client(PendingAnswer)
        /// The server itself, a service, or a backend; named by the driver.
        case server(UInt64)
    }

    /// Places that it has taken in the mailbox of each other loop: for the event, and for the commit.
    var placeCount: Int { self.needsCommit ? 2 : 1 }
    /// Whether every other loop answers.
    var isAnswered: Bool { self.wantsCount || self.needsCommit }
}

/// What one loop keeps of an event that is not committed.
package struct PreparedPart: Sendable {
    package var loop: LoopIndex
    package var slot: UInt32
}
