import HydrogenProtocol

/// The last retained event of each action, bounded: the least recently set goes first.
///
/// Every loop keeps the same ones: what was set later, by the sequence of publishing, wins everywhere.
struct RetainedEvents {
    private struct Name: Hashable {
        var channel: Int
        var action: [UInt8]
    }

    private let maximumCount: Int
    /// In the order of `sequence`.
    private var events: [PublishedEvent] = []
    private var sequences: [Name: UInt64] = [:]

    init(maximumCount: Int) { self.maximumCount = maximumCount }

    var count: Int { self.events.count }

    mutating func set(_ event: PublishedEvent) {
        guard self.maximumCount > 0 else { return }
        let name = Name(channel: event.channel, action: event.action)
        if let known = self.sequences[name] {
            // A publish of another loop that was ordered before the one we have came later.
            guard event.sequence > known else { return }
            self.events.remove(at: self.index(of: known))
        } else if self.events.count == self.maximumCount {
            guard let oldest = self.events.first, event.sequence > oldest.sequence else { return }
            self.sequences[Name(channel: oldest.channel, action: oldest.action)] = nil
            self.events.removeFirst()
        }
        self.sequences[name] = event.sequence
        self.events.insert(event, at: self.index(of: event.sequence))
    }

    /// Whether this event is the last one of its action.
    func holds(_ event: PublishedEvent) -> Bool {
        self.sequences[Name(channel: event.channel, action: event.action)] == event.sequence
    }

    /// The events of a channel, the least recently set first.
    func events(ofChannel channel: Int) -> [PublishedEvent] { self.events.filter { $0.channel == channel } }

    /// Where the first event with this sequence, or a later one, stands.
    private func index(of sequence: UInt64) -> Int {
        var lower = 0
        var upper = self.events.count
        while lower < upper {
            let middle = (lower + upper) / 2
            if self.events[middle].sequence < sequence { lower = middle + 1 } else { upper = middle }
        }
        return lower
    }
}
