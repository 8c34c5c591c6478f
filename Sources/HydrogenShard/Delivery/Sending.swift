import HydrogenProtocol

/// Something that a connection is to write in the order of offsets: a guaranteed event, or the news that some will never
/// come.
package struct Sending: Sendable {
    enum Content: Sendable {
        case event(PublishedEvent)
        /// Offsets from here to the sending's own are dead.
        case gap(from: Int64)
    }

    var content: Content
    var offset: Int64
    /// Which sending of the event it is, from 1.
    var attempt: UInt8
    var priority: Priority
    var isRetained: Bool

    init(_ event: PublishedEvent, offset: Int64, attempt: Int, _ priority: Priority, isRetained: Bool) {
        self.content = .event(event)
        self.offset = offset
        self.attempt = UInt8(clamping: attempt)
        self.priority = priority
        self.isRetained = isRetained
    }

    init(_ gap: GapList.Gap) {
        self.content = .gap(from: gap.from)
        self.offset = gap.to
        self.attempt = 1
        self.priority = .critical
        self.isRetained = false
    }

    var tail: EventTail {
        EventTail(priority: self.priority, isRetained: self.isRetained, offset: self.offset, attempt: Int(self.attempt))
    }

    /// About how many bytes its frame takes.
    var byteCount: Int {
        switch self.content {
        case .event(let event): event.byteCount + 64
        case .gap: 256
        }
    }
}
