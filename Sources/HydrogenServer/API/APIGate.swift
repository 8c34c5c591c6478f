import HydrogenHTTP
import HydrogenProtocol
import HydrogenShard
import HydrogenThreads

/// Who may use the server API, and how often: the keys, blocks and rates of the WebSocket side.
final class APIGate: Sendable {
    private struct State: Sendable {
        var keys: KeyRing
        var limits: LimitPolicy
    }

    private let state: Guarded<State>
    private let ledger: SharedLedger
    private let desk: OperatorDesk

    init(keys: KeyRing, limits: LimitPolicy, ledger: SharedLedger, desk: OperatorDesk) {
        self.state = Guarded(State(keys: keys, limits: limits))
        self.ledger = ledger
        self.desk = desk
    }

    /// What a reload brings.
    func replace(keys: KeyRing, limits: LimitPolicy) {
        self.state.withLock { $0 = State(keys: keys, limits: limits) }
    }

    /// In the order of a handshake: the address, the key, the identity at the address.
    func authorize(_ token: [UInt8]?, from peer: PeerAddress) -> Result<Grant, APIRefusal> {
        let state = self.state.withLock { $0 }
        let address = CountedAddress(peer)
        if let refusal = self.blockRefusal(of: Offender(address), state.limits) { return .failure(refusal) }
        guard let token else { return self.refuse(.authenticationMissing, address) }
        switch state.keys.grant(for: token.span, at: Clock.wallTime()) {
        case .failure(let refusal):
            return self.refuse(refusal.code, address)
        case .success(let grant):
            if let refusal = self.blockRefusal(of: Offender(address, identity: grant.identity), state.limits) {
                return .failure(refusal)
            }
            return .success(grant)
        }
    }

    /// `MessagesPerIdentity`, which connections of the identity are charged to as well.
    func charge(_ grant: Grant, from peer: PeerAddress) -> APIRefusal? {
        guard let limit = self.state.withLock({ $0.limits.messagesPerIdentity }),
            let wait = self.ledger.chargeMessage(to: grant.identity, limit, at: Clock.instant())
        else { return nil }
        let offender = Offender(CountedAddress(peer), identity: grant.identity)
        self.desk.mention(.limitedElsewhere(.messagesPerIdentity, offender, isDryRun: limit.isDryRun))
        if limit.isDryRun { return nil }
        self.desk.mention(.refusedElsewhere(.connectionRateLimited, offender))
        return APIRefusal(.connectionRateLimited, wait: wait)
    }

    private func blockRefusal(of offender: Offender, _ limits: LimitPolicy) -> APIRefusal? {
        guard let blocking = limits.blocking, !blocking.isDryRun else { return nil }
        let now = Clock.instant()
        return self.ledger.blockEnd(of: offender, at: now).map { APIRefusal(.connectionBlocked, wait: $0 - now) }
    }

    private func refuse(_ code: ErrorCode, _ address: CountedAddress) -> Result<Grant, APIRefusal> {
        self.desk.mention(.refusedElsewhere(code, Offender(address)))
        return .failure(APIRefusal(code))
    }
}
