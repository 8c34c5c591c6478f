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

    func reserveHandshake(of peer: PeerAddress, maximum: Int, maximumPerAddress: Int) -> Bool {
        self.tape.answer {
            self.ledger.reserveHandshake(of: peer, maximum: maximum, maximumPerAddress: maximumPerAddress)
        }
    }

    func releaseHandshake(of peer: PeerAddress) { self.tape.tell { self.ledger.releaseHandshake(of: peer) } }

    func nextPublishSequence() -> UInt64 { self.tape.answer { self.ledger.nextPublishSequence() } }

    func addDetached(_ count: Int) { self.tape.tell { self.ledger.addDetached(count) } }

    var detached: Int { self.tape.answer { self.ledger.detached } }

    func setLongestDetached(_ since: Instant?, at loop: LoopIndex) {
        self.tape.tell { self.ledger.setLongestDetached(since, at: loop) }
    }

    func loopOfLongestDetached(loopCount: Int) -> LoopIndex {
        self.tape.answer { self.ledger.loopOfLongestDetached(loopCount: loopCount) }
    }
}
