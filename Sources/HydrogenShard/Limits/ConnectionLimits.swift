import HydrogenProtocol

/// What one connection used of its limits.
struct ConnectionLimits {
    var messages: TokenBucket
    var bytes: TokenBucket
    /// The bucket that it shares with all connections of its identity; nil until the first message that is charged.
    var identity: IdentityBucket?
    /// Messages over a limit.
    var violations = OccurrenceWindow()

    init(acceptedAt now: Instant) {
        self.messages = TokenBucket(fullAt: now)
        self.bytes = TokenBucket(fullAt: now)
    }
}

/// How the address of a connection stands, from accept to the end of its handshake.
struct AddressStanding {
    /// Its peer is a trusted proxy: who is behind it, the request will say.
    var isForwarded = false
    /// The address had connected too often; when it may again.
    var limitedUntil: Instant?
    /// The address is blocked.
    var blockedUntil: Instant?
    /// Whether one of the answers a second that a limited or blocked address gets was taken for this connection.
    var holdsAnswer = false

    /// Whether its request will be refused for it: the log tells of the block alone.
    var isRefused: Bool { self.limitedUntil != nil || self.blockedUntil != nil }
}
