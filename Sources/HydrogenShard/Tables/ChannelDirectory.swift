import HydrogenProtocol

/// The registered channels, found by the bytes of their name, and who subscribed to what on each.
struct ChannelDirectory {
    struct Channel {
        let definition: ChannelDefinition
        let name: [UInt8]
        /// The actions of its service, as bytes.
        let actions: [[UInt8]]
        /// Slots of subscriptions by topic.
        var topics = TopicIndex(seed: 0)
    }

    private var channels: [Channel]

    /// The built-in channel of the server itself.
    let system: Int

    init(_ definitions: [ChannelDefinition]) {
        self.channels = definitions.map { definition in
            Channel(
                definition: definition, name: Array(definition.name.utf8),
                actions: definition.actions.map { Array($0.name.utf8) })
        }
        self.system = definitions.firstIndex { $0.name == "system" } ?? 0
    }

    /// Makes the index of topics anew with a seed that no peer can guess. Comes before the first subscription.
    mutating func seedTopics(_ seed: UInt64) {
        for index in self.channels.indices { self.channels[index].topics = TopicIndex(seed: seed) }
    }

    /// The channel of this name. There are few: looking at each is quicker than hashing.
    @inline(__always)
    func index(of name: Span<UInt8>) -> Int? {
        for index in self.channels.indices where self.channels[index].name.isEqual(to: name) { return index }
        return nil
    }

    var indices: Range<Int> { self.channels.indices }

    subscript(index: Int) -> Channel {
        @inline(__always) _read { yield self.channels[index] }
        @inline(__always) _modify { yield &self.channels[index] }
    }
}

/// How many commands each service may hold of this loop: a service that never answers holds places of its own only.
package struct ServiceQuota {
    /// Commands of one loop that one service may hold.
    package static let perService = 1024

    private var heldCounts: [Int]

    init(channels: [ChannelDefinition]) {
        let last = channels.compactMap(\.service).max() ?? -1
        self.heldCounts = Array(repeating: 0, count: last + 1)
    }

    mutating func take(_ service: Int) -> Bool {
        guard self.heldCounts[service] < Self.perService else { return false }
        self.heldCounts[service] += 1
        return true
    }

    mutating func giveBack(_ service: Int) { self.heldCounts[service] -= 1 }
}
