import HydrogenConnection
import HydrogenProtocol

extension Shard {
    /// Closes a connection in service; the reason is counted as an error.
    mutating func close(_ slot: Int, _ code: CloseCode, because reason: ErrorCode?, at now: Moment) {
        guard self.connections[slot].machine.acceptsWork else { return }
        self.step(.closeRequested(code, reason: reason), slot: slot, at: now)
    }

    mutating func count(_ error: ErrorCode) {
        self.counters.add(self.metrics.errors[Int(error.rawValue)])
    }
}
