import HydrogenProtocol
import HydrogenShard

/// Rule 12: what has no right, or had its turn, is not served.
extension World {
    /// A request with a ticket was decided: it lets one connection in, in time, and that it does.
    mutating func checkTicket(of client: UInt32, _ decision: HandshakeDecision) {
        guard let held = self.clients[Int(client)].ticket else { return }
        let isOver = held.life != self.server.life || self.clock.now >= held.ticket.redeemBefore
        switch decision {
        case .accept:
            self.clients[Int(client)].ticket?.acceptedCount += 1
            guard isOver || held.acceptedCount > 0 else { return }
            self.violate(12, "ticket \(held.ticket.number) is accepted \(isOver ? "after its end" : "twice")", client: client)
        case .refuse(let refusal) where refusal.code == .authenticationInvalid:
            guard !isOver, held.acceptedCount == 0, held.tryCount == 1, let plan = self.ticketPlan(of: client),
                self.isGood(key: plan.key)
            else { return }
            self.violate(12, "ticket \(held.ticket.number) is refused", client: client)
        case .refuse, .drop:
            return
        }
    }

    /// A response to a command that came again.
    mutating func checkRefused(_ answer: WrittenAnswer, _ number: UInt32?, _ link: UInt32) {
        // A reload may have made signatures needless.
        guard answer.isOk, !self.loop(self.links[link].loop).policy.signedActions.isEmpty else { return }
        self.violate(12, "command \(number ?? 0), signed once, is served again", client: self.links[link].client)
    }
}
