import HydrogenProtocol

/// The messages of one loop that wait for their mail, by loop that they go to.
///
/// What waits is bounded by what there is to tell: one resume, one report and one end per connection, the window of each
/// session, and at most `maximumEventCount` events that are not guaranteed.
struct LinkTable {
    private struct Link {
        var messages: [LinkMessage] = []
        var eventCount = 0
        /// Slots of attachments that have something to report.
        var reporting: [UInt32] = []
    }

    /// Events for one loop that wait at once; more are dropped, as a slow consumer's are.
    static let maximumEventCount = 8192
    /// How long to wait for a place in a mailbox that had none.
    static let pause = Interval.milliseconds(1)

    private var links: [Link]
    /// When those that found no place are tried again.
    var retryAt: Instant?

    init(loopCount: Int) { self.links = Array(repeating: Link(), count: loopCount) }

    var indices: Range<Int> { self.links.indices }

    func isWaiting(_ loop: LoopIndex) -> Bool {
        !self.links[loop].messages.isEmpty || !self.links[loop].reporting.isEmpty
    }

    mutating func append(_ message: LinkMessage, to loop: LoopIndex) { self.links[loop].messages.append(message) }

    /// - Returns: false if too many wait already.
    mutating func appendEvent(_ message: LinkMessage, to loop: LoopIndex) -> Bool {
        guard self.links[loop].eventCount < Self.maximumEventCount else { return false }
        self.links[loop].eventCount += 1
        self.links[loop].messages.append(message)
        return true
    }

    mutating func noteReport(_ attachment: UInt32, to loop: LoopIndex) { self.links[loop].reporting.append(attachment) }

    mutating func takeReporting(_ loop: LoopIndex) -> [UInt32] {
        var taken: [UInt32] = []
        swap(&taken, &self.links[loop].reporting)
        return taken
    }

    mutating func takeMessages(_ loop: LoopIndex) -> [LinkMessage] {
        var taken: [LinkMessage] = []
        swap(&taken, &self.links[loop].messages)
        self.links[loop].eventCount = 0
        return taken
    }
}
