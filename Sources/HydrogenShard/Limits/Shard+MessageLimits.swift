import HydrogenConnection
import HydrogenProtocol

/// Rates of messages and bytes.
extension Shard {
    /// Charges a whole message to its connection and to its identity: to all limits, or, if one refuses it, to none.
    /// - Returns: nil if it passes; otherwise how long to wait until it would.
    mutating func charge(byteCount: Int, slot: Int, at now: Moment) -> Interval? {
        var messages = self.connections[slot].limits.messages
        var bytes = self.connections[slot].limits.bytes
        var wait: Interval?
        if let limit = self.policy.limits.messagesPerConnection, let missing = messages.take(1, limit, at: now.instant) {
            wait = self.exceeded(.messagesPerConnection, limit, slot: slot, at: now) ? missing : nil
        }
        if let limit = self.policy.limits.bytesPerConnection,
            let missing = bytes.take(byteCount, limit, at: now.instant),
            self.exceeded(.bytesPerConnection, limit, slot: slot, at: now)
        {
            wait = max(wait ?? missing, missing)
        }
        // A connection that floods does not get at what the others of its identity share.
        if let wait { return wait }
        if let limit = self.policy.limits.messagesPerIdentity,
            let missing = self.ledger.chargeMessage(
                to: self.connections[slot].limits.identity ?? self.joinIdentity(slot, at: now), limit, at: now.instant),
            self.exceeded(.messagesPerIdentity, limit, slot: slot, at: now)
        {
            return missing
        }
        self.connections[slot].limits.messages = messages
        self.connections[slot].limits.bytes = bytes
        return nil
    }

    /// A message over a limit is not processed, whatever it is: an ack neither, so its event stays unacked. It is
    /// answered as far as it can be read; too many of them within a minute end the connection.
    mutating func messageRefused(_ bytes: Span<UInt8>, wait: Interval, slot: Int, at now: Moment) {
        guard self.connections[slot].subprotocol == .hydrogen else {
            return self.close(slot, .rateExceeded, because: .connectionRateLimited, at: now)
        }
        let type: ShardMetrics.ReceivedType
        if self.reader.read(bytes, maxDepth: self.configuration.maxJSONDepth) == nil {
            type = self.reader.envelope.kind == .ack ? .ack : .command
        } else {
            type = .invalid
        }
        self.counters.add(self.metrics.received[type.rawValue])
        let envelope = self.reader.envelope
        let channel = envelope.channel.flatMap { $0.withBytes(in: bytes) { self.channels.index(of: $0) } }
        self.refuse(
            Answerable(envelope), bytes,
            ResponseError(.connectionRateLimited, retryAfterMilliseconds: wait.millisecondsRoundedUp),
            channel: channel, slot: slot, at: now)
        let isLast = self.connections[slot].limits.violations.record(
            at: now.instant, limit: self.policy.limits.maxRateViolations, within: .seconds(60))
        if isLast {
            // It was counted when it was answered.
            self.connections[slot].isReasonCounted = true
            self.close(slot, .rateExceeded, because: .connectionRateLimited, at: now)
        }
    }

    /// The first message of a connection that is charged to its identity.
    @inline(never)
    private mutating func joinIdentity(_ slot: Int, at now: Moment) -> IdentityBucket {
        let identity = self.connections[slot].grant?.identity ?? ""
        let bucket = self.ledger.joinIdentity(identity, at: now.instant)
        self.connections[slot].limits.identity = bucket
        return bucket
    }

    /// The connection has ended.
    mutating func leaveIdentity(_ slot: Int, at now: Moment) {
        guard let bucket = self.connections[slot].limits.identity else { return }
        self.connections[slot].limits.identity = nil
        self.ledger.leaveIdentity(bucket, self.policy.limits.messagesPerIdentity, at: now.instant)
    }

    /// Counts a message over a limit.
    /// - Returns: whether the limit refuses it.
    @inline(never)
    private mutating func exceeded(_ name: LimitName, _ limit: RateLimit, slot: Int, at now: Moment) -> Bool {
        self.counters.add(self.metrics.rateLimited[name.rawValue])
        guard limit.isDryRun else { return true }
        let address = CountedAddress(self.connections[slot].peer)
        self.reportDryRun(name, Offender(address, identity: self.connections[slot].grant?.identity), at: now)
        return false
    }

    /// Logs what a limit under trial would have refused: a line per limit and minute, with the number of the others.
    mutating func reportDryRun(_ name: LimitName, _ offender: Offender, at now: Moment) {
        guard let count = self.dryRunReports.count(name, at: now.instant) else { return }
        self.effects.append(.log(.limitWouldRefuse(name, offender, count: count)))
    }
}

/// What limits under trial would have refused since their last line in the log.
struct DryRunReports {
    private var lines = [(count: Int, lastAt: Instant?)](repeating: (0, nil), count: LimitName.allCases.count)

    /// Counts one.
    /// - Returns: how many there were since the last line, if it is time for the next.
    mutating func count(_ name: LimitName, at now: Instant) -> Int? {
        self.lines[name.rawValue].count += 1
        if let last = self.lines[name.rawValue].lastAt, now - last < .seconds(60) { return nil }
        defer { self.lines[name.rawValue] = (0, now) }
        return self.lines[name.rawValue].count
    }
}
