import HydrogenProtocol

/// `SharedLedger` as one shard sees it: every answer passes the tape.
struct LedgerView {
    private let ledger: SharedLedger
    private let tape: AnswerTape?

    init(_ ledger: SharedLedger, _ tape: AnswerTape?) {
        self.ledger = ledger
        self.tape = tape
    }

    func reserveConnection(maximum: Int) -> Bool {
        self.tape.answer { self.ledger.reserveConnection(maximum: maximum) }
    }

    func releaseConnection() { self.tape.tell { self.ledger.releaseConnection() } }

    func reserveHandshake(maximum: Int) -> Bool {
        self.tape.answer { self.ledger.reserveHandshake(maximum: maximum) }
    }

    func releaseHandshake() { self.tape.tell { self.ledger.releaseHandshake() } }

    func reserveHandshakeShare(of address: CountedAddress, maximum: Int) -> Bool {
        self.tape.answer { self.ledger.reserveHandshakeShare(of: address, maximum: maximum) }
    }

    func releaseHandshakeShare(of address: CountedAddress) {
        self.tape.tell { self.ledger.releaseHandshakeShare(of: address) }
    }

    func useTicket(_ number: UInt64) -> Bool { self.tape.answer { self.ledger.useTicket(number) } }

    func nextPublishSequence() -> UInt64 { self.tape.answer { self.ledger.nextPublishSequence() } }

    func raisePublishSequence(to sequence: UInt64) {
        self.tape.tell { self.ledger.raisePublishSequence(to: sequence) }
    }

    func addDetached(_ count: Int) { self.tape.tell { self.ledger.addDetached(count) } }

    var detached: Int { self.tape.answer { self.ledger.detached } }

    func setLongestDetached(_ since: Instant?, at loop: LoopIndex) {
        self.tape.tell { self.ledger.setLongestDetached(since, at: loop) }
    }

    func loopOfLongestDetached(loopCount: Int) -> LoopIndex {
        self.tape.answer { self.ledger.loopOfLongestDetached(loopCount: loopCount) }
    }

    func blockEnd(of offender: Offender, at now: Instant) -> Instant? {
        self.tape.answer { self.ledger.blockEnd(of: offender, at: now) }
    }

    func chargeConnection(of address: CountedAddress, _ limit: RateLimit, at now: Instant) -> Interval? {
        self.tape.answer { self.ledger.chargeConnection(of: address, limit, at: now) }
    }

    func takeAnswer(of address: CountedAddress, at now: Instant) -> Bool {
        self.tape.answer { self.ledger.takeAnswer(of: address, at: now) }
    }

    func offend(_ offender: Offender, _ blocking: BlockingPolicy, at now: Instant) -> Instant? {
        self.tape.answer { self.ledger.offend(offender, blocking, at: now) }
    }

    func forgive(_ offender: Offender, at now: Instant) {
        self.tape.tell { self.ledger.forgive(offender, at: now) }
    }

    /// Which bucket it is decides nothing; what it answers does. So a replay joins and leaves too.
    func joinIdentity(_ identity: String, at now: Instant) -> IdentityBucket {
        self.ledger.joinIdentity(identity, at: now)
    }

    func leaveIdentity(_ bucket: IdentityBucket, _ limit: RateLimit?, at now: Instant) {
        self.ledger.leaveIdentity(bucket, limit, at: now)
    }

    @inline(__always)
    func chargeMessage(to bucket: IdentityBucket, _ limit: RateLimit, at now: Instant) -> Interval? {
        self.tape.answer { self.ledger.chargeMessage(to: bucket, limit, at: now) }
    }
}
