import HydrogenProtocol

/// Rate limits and blocking, as the configuration has them now. A reload replaces it.
package struct LimitPolicy: Sendable {
    /// Each of these: nil for no limit.
    package var connectionsPerAddress: RateLimit?
    package let messagesPerConnection: RateLimit?
    package let bytesPerConnection: RateLimit?
    package let messagesPerIdentity: RateLimit?
    /// The message over a limit within a minute that closes its connection.
    package var maxRateViolations: Int
    /// nil: nobody is blocked, and no offence is counted.
    package var blocking: BlockingPolicy?
    /// Whose `X-Forwarded-For` is believed.
    package var trustedProxies: [Network]
    /// Whether a message has to be charged at all.
    let limitsMessages: Bool

    package init(
        connectionsPerAddress: RateLimit? = nil, messagesPerConnection: RateLimit? = nil,
        bytesPerConnection: RateLimit? = nil, messagesPerIdentity: RateLimit? = nil, maxRateViolations: Int = 30,
        blocking: BlockingPolicy? = nil, trustedProxies: [Network] = []
    ) {
        self.connectionsPerAddress = connectionsPerAddress
        self.messagesPerConnection = messagesPerConnection
        self.bytesPerConnection = bytesPerConnection
        self.messagesPerIdentity = messagesPerIdentity
        self.maxRateViolations = maxRateViolations
        self.blocking = blocking
        self.trustedProxies = trustedProxies
        self.limitsMessages =
            messagesPerConnection != nil || bytesPerConnection != nil || messagesPerIdentity != nil
    }

    /// No limits.
    package static let none = LimitPolicy()

    /// Whether blocks shut anybody out.
    var enforcesBlocks: Bool { self.blocking.map { !$0.isDryRun } ?? false }

    func trusts(_ peer: PeerAddress) -> Bool {
        self.trustedProxies.contains { $0.contains(high: peer.high, low: peer.low) }
    }
}

/// When an address, or an identity at an address, is shut out, and for how long.
package struct BlockingPolicy: Sendable, Hashable {
    /// The offence within `window` that blocks.
    package var after: Int
    package var window: Interval
    package var duration: Interval
    package var maximum: Interval
    /// Counts and logs, and shuts out nobody.
    package var isDryRun: Bool

    package init(after: Int, window: Interval, duration: Interval, maximum: Interval, isDryRun: Bool = false) {
        self.after = after
        self.window = window
        self.duration = duration
        self.maximum = maximum
        self.isDryRun = isDryRun
    }

    /// A block within this time after the end of the one before lasts twice as long.
    static let memory = Interval.seconds(86_400)

    /// How long the n-th block in a row lasts, from 1: `duration`, twice that, … up to `maximum`.
    func duration(ofBlock number: Int) -> Interval {
        var duration = self.duration
        var doublings = number - 1
        while doublings > 0, duration < self.maximum {
            duration = duration * 2
            doublings -= 1
        }
        return min(duration, self.maximum)
    }
}

/// The limits that the contract names: the label of `rate_limited_total`.
package enum LimitName: Int, Sendable, CaseIterable {
    case connectionsPerAddress, messagesPerConnection, bytesPerConnection, messagesPerIdentity

    package var label: String {
        switch self {
        case .connectionsPerAddress: "connections_per_address"
        case .messagesPerConnection: "messages_per_connection"
        case .bytesPerConnection: "bytes_per_connection"
        case .messagesPerIdentity: "messages_per_identity"
        }
    }
}
