/// A publish of a client.
struct Publish {
    var publisher: UInt32
    var channel: Int
    var action: [UInt8]
    var kind: Int
    var isForAll: Bool
    var isGuaranteed: Bool
    /// Whether its response waits for other loops.
    var isDeferred: Bool
    /// Which of its publisher's keys it has; nil: none.
    var key: Int?
    /// When it was sent, and when its message was in the server's hands; the latter 0 before.
    var sentAt: Int64
    var takenAt: Int64 = 0
    /// The same of the last time that it was sent; only what has a key is sent more than once.
    var lastTakenAt: Int64 = 0
    /// Whether it was answered with ok, and when first.
    var isAccepted = false
    var acceptedAt: Int64 = 0
    /// It was sent once, and its commit failed.
    var hasFailed = false
    /// Of the id that the server gave its event; 0 before.
    var eventHash: UInt64 = 0
}

/// The last publishes of a run, by number. What is older than `capacity` publishes is forgotten, so that a run of years
/// needs no more memory than one of minutes.
struct PublishLog {
    static let capacity = 65_536

    private var ring: [Publish] = []
    /// How many there were.
    private(set) var count: UInt32 = 0

    /// - Returns: its number.
    mutating func append(_ publish: Publish) -> UInt32 {
        let number = self.count
        self.count += 1
        if self.ring.count < Self.capacity {
            self.ring.append(publish)
        } else {
            self.ring[Int(number) % Self.capacity] = publish
        }
        return number
    }

    func holds(_ number: UInt32) -> Bool {
        number < self.count && Int(self.count - number) <= Self.capacity
    }

    /// nil for one that is forgotten, or that there never was.
    subscript(number: UInt32) -> Publish? { self.holds(number) ? self.ring[Int(number) % Self.capacity] : nil }

    mutating func change(_ number: UInt32, _ body: (inout Publish) -> Void) {
        guard self.holds(number) else { return }
        body(&self.ring[Int(number) % Self.capacity])
    }
}
