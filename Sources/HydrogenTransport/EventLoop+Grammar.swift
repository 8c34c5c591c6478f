import HydrogenProtocol
import HydrogenShard

extension EventLoop where Core: ~Copyable {
    /// Takes note of a call of the core, which stands next to it. Debug builds trap where the order is not the one that
    /// the simulated network keeps to as well; in release builds nothing is left of this.
    @inline(__always)
    func note(_ call: TransportGrammar.Call, on id: ConnectionID) {
        #if DEBUG
            guard self.table.holds(id) else { return }
            let before = self.table[id.slot].grammar
            let isLegal = self.table[id.slot].grammar.take(call)
            precondition(isLegal, "the transport calls \(call) after \(before)")
        #endif
    }

    /// Bytes are about to be written.
    @inline(__always)
    func noteWrite(to id: ConnectionID) {
        #if DEBUG
            let grammar = self.table[id.slot].grammar
            precondition(grammar.mayWrite, "the core writes after \(grammar)")
        #endif
    }

    /// The answer to a request.
    @inline(__always)
    func note(_ decision: HandshakeDecision, on id: ConnectionID) {
        switch decision {
        case .accept: self.note(.agreed, on: id)
        case .refuse: self.note(.refused, on: id)
        case .drop: self.note(.dropped, on: id)
        }
    }
}
