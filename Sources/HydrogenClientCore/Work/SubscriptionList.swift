import HydrogenProtocol

/// A subscription that the client keeps, whatever becomes of connections and sessions.
struct KeptSubscription: Sendable {
    enum Phase: Sendable, Hashable {
        /// The server does not have it, as far as is known; nothing is on its way. Not before `earliest`.
        case idle
        /// `subscribe` is on its way.
        case asked
        /// The server has it.
        case active
        /// `unsubscribe` is on its way.
        case dropping
    }

    var number: SubscriptionNumber
    var phase: Phase
    /// Whether the caller still wants it.
    var isWanted: Bool
    /// In `idle`: the session may have it nevertheless, as an answer was lost.
    var mayExist: Bool
    /// In `idle`: not before this, as the server said.
    var earliest: Instant?
    var channelCount: Int
    /// The channel, then the data of `subscribe`.
    var request: [UInt8]
    /// What the server calls it.
    var serverID: [UInt8]

    var channelRange: ByteRange { ByteRange(0, self.channelCount) }
    var dataRange: ByteRange { ByteRange(self.channelCount, self.request.count) }
}

/// The subscriptions of one client, by number.
struct SubscriptionList: Sendable {
    private(set) var kept: [KeptSubscription] = []
    private var lastNumber: SubscriptionNumber = 0

    mutating func append(channel: Span<UInt8>, data: Span<UInt8>) -> SubscriptionNumber {
        var request: [UInt8] = []
        request.reserveCapacity(channel.count + data.count)
        request.append(channel)
        request.append(data)
        self.lastNumber += 1
        self.kept.append(
            KeptSubscription(
                number: self.lastNumber, phase: .idle, isWanted: true, mayExist: false, earliest: nil,
                channelCount: channel.count, request: request, serverID: []))
        return self.lastNumber
    }

    func index(of number: SubscriptionNumber) -> Int? { self.kept.firstIndex { $0.number == number } }

    mutating func update(at index: Int, _ change: (inout KeptSubscription) -> Void) { change(&self.kept[index]) }
    mutating func remove(at index: Int) { self.kept.remove(at: index) }

    /// Whether the server cannot tell it from another one that is wanted: then it must stay.
    func isShared(at index: Int) -> Bool {
        let request = self.kept[index].request
        return self.kept.contains {
            $0.number != self.kept[index].number && $0.isWanted && $0.phase != .idle && $0.request == request
        }
    }

    /// The connection is lost: what was on its way may have come to pass or not.
    mutating func connectionLost() {
        for index in self.kept.indices {
            switch self.kept[index].phase {
            case .idle, .active: break
            case .asked:
                self.kept[index].phase = .idle
                self.kept[index].mayExist = true
            case .dropping: self.kept[index].phase = .active
            }
        }
    }

    /// A new session has none of them.
    mutating func sessionLost() {
        self.kept.removeAll { !$0.isWanted }
        for index in self.kept.indices {
            self.kept[index].phase = .idle
            self.kept[index].mayExist = false
            self.kept[index].earliest = nil
        }
    }

    /// When one that was put off is due.
    var wakeAt: Instant? {
        var earliest: Instant?
        for subscription in self.kept where subscription.phase == .idle {
            if let due = subscription.earliest { earliest = min(earliest ?? due, due) }
        }
        return earliest
    }
}
