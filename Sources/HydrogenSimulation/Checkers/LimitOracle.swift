import HydrogenProtocol
import HydrogenShard

/// Rule 7 from outside: every limit counted a second time, and every block remembered.
///
/// A bucket lets through at most burst + rate · t in any span t, and at least as much: so it must let a message pass
/// exactly when its tokens are there.
struct LimitOracle {
    /// Tokens, in parts of 10⁻¹²: what one nanosecond brings is a whole number of them.
    struct Bucket {
        /// What was taken and has not come back: it stays owed when a reload changes the limit.
        private var owed: Int128 = 0
        private var updatedAt: Int64 = 0

        private static let partsPerToken: Int128 = 1_000_000_000_000

        /// Whether there are so many tokens now.
        mutating func holds(_ count: Int, _ limit: RateLimit, at now: Int64) -> Bool {
            let capacity = Int128(limit.burst) * Self.partsPerToken
            let gained = Int128(now - self.updatedAt) * Int128(limit.thousandthsPerSecond)
            self.owed = min(capacity, max(0, self.owed - gained))
            self.updatedAt = now
            return self.owed + Int128(count) * Self.partsPerToken <= capacity
        }

        mutating func take(_ count: Int) { self.owed += Int128(count) * Self.partsPerToken }
    }

    /// The buckets of one connection.
    struct Connection {
        var messages = Bucket()
        var bytes = Bucket()
    }

    /// A block as it was told.
    private struct Block {
        var until: Int64
        /// How many there were in a row.
        var number: Int
    }

    /// Beyond so many addresses, tables may be full: then more may be refused than is counted here.
    private static let exactAddressCount = 10_000
    private static let day: Int64 = 86_400_000_000_000

    private var addresses: [CountedAddress: Bucket] = [:]
    private var identities: [String: Bucket] = [:]
    private var blocks: [Offender: Block] = [:]

    /// A new server remembers nobody.
    mutating func removeAll() {
        self.addresses = [:]
        self.identities = [:]
        self.blocks = [:]
    }

    /// An operator, or a reload, has ended a block; it is forgotten.
    mutating func lifted(_ offender: Offender) { self.blocks[offender] = nil }

    private var isExact: Bool { self.addresses.count < Self.exactAddressCount }

    /// A connection was accepted, or was refused for its rate.
    /// - Returns: what is wrong with that.
    mutating func connected(
        from address: CountedAddress, isRefused: Bool, _ policy: LimitPolicy, at now: Int64
    ) -> String? {
        guard let limit = policy.connectionsPerAddress, !self.isBlocked(Offender(address), policy, at: now) else {
            return nil
        }
        let holds = self.addresses[address, default: Bucket()].holds(1, limit, at: now)
        if holds, isRefused { return self.isExact ? "connections_per_address refuses one that is within it" : nil }
        if !holds, !isRefused { return "connections_per_address lets one through that is beyond it" }
        if holds { self.addresses[address, default: Bucket()].take(1) }
        return nil
    }

    /// What the limits said of a message: by name, whether each found it to be too much.
    struct Verdict {
        var messages = false
        var bytes = false
        var identity = false
    }

    /// A message was charged to its connection and its identity: to all limits, or to none.
    /// - Returns: what is wrong with that.
    mutating func charged(
        _ byteCount: Int, to connection: inout Connection, identity: String, _ verdict: Verdict, _ policy: LimitPolicy,
        at now: Int64
    ) -> String? {
        var isRefused = false
        var fault: String?
        if let limit = policy.messagesPerConnection {
            let holds = connection.messages.holds(1, limit, at: now)
            fault = Self.compare("messages_per_connection", holds, verdict.messages)
            if !holds, !limit.isDryRun { isRefused = true }
        }
        if let limit = policy.bytesPerConnection {
            let holds = connection.bytes.holds(byteCount, limit, at: now)
            fault = fault ?? Self.compare("bytes_per_connection", holds, verdict.bytes)
            if !holds, !limit.isDryRun { isRefused = true }
        }
        // A connection that floods does not get at what the others of its identity share.
        guard !isRefused else { return fault }
        if let limit = policy.messagesPerIdentity {
            let holds = self.identities[identity, default: Bucket()].holds(1, limit, at: now)
            fault = fault ?? Self.compare("messages_per_identity", holds, verdict.identity)
            if !holds, !limit.isDryRun { return fault }
            if holds { self.identities[identity, default: Bucket()].take(1) }
        }
        if let limit = policy.messagesPerConnection, connection.messages.holds(1, limit, at: now) {
            connection.messages.take(1)
        }
        if let limit = policy.bytesPerConnection, connection.bytes.holds(byteCount, limit, at: now) {
            connection.bytes.take(byteCount)
        }
        return fault
    }

    private static func compare(_ name: StaticString, _ holds: Bool, _ isExceeded: Bool) -> String? {
        if holds, isExceeded { return "\(name) refuses a message that is within it" }
        if !holds, !isExceeded { return "\(name) lets a message through that is beyond it" }
        return nil
    }

    /// Somebody is blocked from now on.
    /// - Returns: what is wrong with that.
    mutating func blocked(_ block: BlockDescription, _ policy: LimitPolicy, at now: Int64) -> String? {
        guard let blocking = policy.blocking else { return "somebody is blocked although blocking is off" }
        var number = 1
        if let before = self.blocks[block.offender], now < before.until + Self.day { number = before.number + 1 }
        self.blocks[block.offender] = Block(until: block.until.nanoseconds, number: number)
        var expected = blocking.duration
        for _ in 1..<number where expected < blocking.maximum { expected = expected * 2 }
        expected = min(expected, blocking.maximum)
        guard block.duration == expected || !self.isExact else {
            return "block \(number) lasts \(block.duration.milliseconds) ms, not \(expected.milliseconds) ms"
        }
        return nil
    }

    /// Whether somebody is shut out now.
    func isBlocked(_ offender: Offender, _ policy: LimitPolicy, at now: Int64) -> Bool {
        guard let blocking = policy.blocking, !blocking.isDryRun, let block = self.blocks[offender] else { return false }
        return now < block.until
    }
}
