import HydrogenCrypto
import HydrogenProtocol

/// A session and its subscriptions as the store keeps them.
extension Shard {
    func storedSession(_ session: UInt32, _ key: SessionKey) -> StoredSession {
        let grant = self.sessions[session].grant
        return StoredSession(
            key: key, id: self.sessions[session].id, identity: grant.identity, keyDigest: grant.digest,
            tokens: self.sessions[session].tokens.digests,
            nextSubscriptionNumber: self.sessions[session].nextSubscriptionNumber,
            gaps: self.storedGaps(session), lastOffset: self.sessions[session].outbox.lastCommitted)
    }

    func storedGaps(_ session: UInt32) -> [ClosedRange<Int64>] {
        self.sessions[session].outbox.gaps.gaps.map { $0.from...$0.to }
    }

    func storedSubscription(_ slot: UInt32, _ key: SessionKey) -> StoredSubscription {
        let request = self.subscriptions[slot].request
        return StoredSubscription(
            name: .init(session: key, number: self.subscriptions[slot].number),
            channel: self.subscriptions[slot].channel, topic: request.topic, filter: request.filter,
            isGuaranteed: request.isGuaranteed, priority: request.priority,
            conflateInterval: request.conflateInterval, conflateBy: request.conflateBy)
    }

    func subscription(_ number: Int, of session: UInt32) -> UInt32? {
        for slot in self.sessions[session].subscriptions where self.subscriptions[slot].number == number { return slot }
        return nil
    }

    /// Something of a session is to be told to the store.
    @inline(__always)
    mutating func note(_ session: UInt32, _ change: (inout StoreLog.Changes) -> Void) {
        if self.store != nil { self.store?.note(session, change) }
    }
}
