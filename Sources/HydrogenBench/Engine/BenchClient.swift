/// One connection of the load generator.
struct BenchClient {
    enum Phase {
        /// TCP is being connected.
        case connecting
        case tls
        /// The request is sent.
        case upgrading
        /// Hydrogen's first event is waited for.
        case greeting
        /// What the load asked for before it begins is waited for: the answer to a subscription.
        case preparing
        case open
        case closed
    }

    var socket: ClientSocket
    var phase = Phase.connecting
    /// When the connection was begun, in nanoseconds.
    let startedAt: Int64
    let isPublisher: Bool
    /// The session's token, as commands carry it.
    var token: [UInt8] = []
    /// Bytes of a frame, or of the handshake, that are not whole yet.
    var inbound: [UInt8] = []
    /// What the socket did not take.
    var outbound: [UInt8] = []
    /// The message that is sent again and again.
    var message = MessageTemplate()
    /// When each message that is not answered yet was sent, or should have been; for `fanout`, of the publisher alone.
    var sentAt = TimeQueue()
    /// How many messages were sent.
    var sentCount = 0
    /// How many messages came.
    var receivedCount = 0

    init(socket: ClientSocket, startedAt: Int64, isPublisher: Bool) {
        self.socket = socket
        self.startedAt = startedAt
        self.isPublisher = isPublisher
    }
}

/// Times in the order in which they came: a ring.
struct TimeQueue {
    private var times: [Int64] = []
    private var head = 0
    private(set) var count = 0

    var first: Int64? { self.count == 0 ? nil : self.times[self.head] }

    mutating func append(_ time: Int64) {
        if self.count == self.times.count { self.grow() }
        self.times[(self.head &+ self.count) & (self.times.count &- 1)] = time
        self.count &+= 1
    }

    mutating func popFirst() -> Int64? {
        guard self.count > 0 else { return nil }
        let time = self.times[self.head]
        self.head = (self.head &+ 1) & (self.times.count &- 1)
        self.count &-= 1
        return time
    }

    /// The time at a place, 0 being the first.
    subscript(place: Int) -> Int64 { self.times[(self.head &+ place) & (self.times.count &- 1)] }

    private mutating func grow() {
        var larger = [Int64](repeating: 0, count: max(4, 2 * self.times.count))
        for place in 0..<self.count { larger[place] = self[place] }
        self.times = larger
        self.head = 0
    }
}
