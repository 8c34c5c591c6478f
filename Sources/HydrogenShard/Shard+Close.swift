import HydrogenConnection
import HydrogenProtocol

extension Shard {
    /// Closes a connection in service. A reason of category connection that is nobody's fault (a drain) is no error.
    mutating func close(_ slot: Int, _ code: CloseCode, because reason: ErrorCode?, at now: Moment) {
        guard self.connections[slot].machine.acceptsWork else { return }
        if let reason, reason != .connectionDraining { self.count(reason) }
        self.connections[slot].closeReason = reason
        self.step(.closeRequested(code), slot: slot, at: now.instant)
    }

    mutating func count(_ error: ErrorCode) {
        self.counters.add(self.metrics.errors[Int(error.rawValue)])
    }
}
