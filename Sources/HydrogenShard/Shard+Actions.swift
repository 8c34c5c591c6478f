import HydrogenConnection
import HydrogenMetrics
import HydrogenProtocol

extension Shard {
    /// Does what the machine of a connection asks for.
    mutating func perform(_ action: ConnectionStateMachine.Action, slot: Int, at now: Moment) {
        let id = self.connections.id(ofSlot: slot)
        switch action {
        case .none, .ignored, .beginService, .releaseResources, .holdForReferences:
            return
        case .sendUpgrade, .sendRefusal:
            return  // The decision that `requested` returns is the answer.
        case .answerClose:
            return  // libwebsockets answers a close frame by itself, and so does the simulated transport.
        case .sendPing:
            self.sendPing(slot, at: now)
        case .repeatPing:
            self.counters.add(self.metrics.heartbeatsMissed[0])
            // A peer that reads nothing gets no second ping on top of the one that waits for it.
            if self.connections[slot].backlog == nil { self.sendPing(slot, at: now) }
        case .recordRoundTrip(let interval):
            self.counters.observe(self.metrics.heartbeatRoundTrip, nanoseconds: interval.nanoseconds)
        case .recordRevival:
            self.counters.add(self.metrics.revived[0])
        case .beginClosing, .closeOnViolation:
            // What is queued goes out first: at the end of the pass the flush finds that nothing is left.
            self.releaseMessage(slot)
            self.putOnFlushList(slot)
            if KnownBug.closeBeforeQueue.isLoose { self.step(.queueDrained, slot: slot, at: now) }
        case .sendClose(let code):
            self.effects.append(.close(id, code, reason: self.connections[slot].machine.closeReason))
        case .dropOnViolation, .endTransport, .abort:
            self.effects.append(.abort(id))
        case .free:
            self.connections.remove(id)
        case .freeOrphans(let count):
            self.counters.add(self.metrics.orphansCollected[0])
            self.effects.append(.log(.orphanCollected(id, references: Int(count))))
            self.connections.remove(id)
        case .countStaleReference:
            self.counters.add(self.metrics.staleReferences[0])
        case .programmingError(let error):
            self.programmingError(error, slot: slot, at: now)
        }
    }

    /// Also a peer that is behind is asked, before anything else that waits for it: it may be reading all the time.
    private mutating func sendPing(_ slot: Int, at now: Moment) {
        self.counters.add(self.metrics.heartbeatsSent[0])
        let start = self.outgoing.beginFrame()
        // libwebsockets tells of a pong only if it carries something.
        self.outgoing.bytes.append("hb")
        let frame = self.outgoing.endFrame(.ping, start)
        self.enqueue(frame, .control, .critical, slot: slot, at: now)
    }

    /// Our own bug: it is told, and the connection ends with 1011. A driver traps on it in debug builds, and the simulator
    /// ends the run.
    private mutating func programmingError(
        _ error: ConnectionStateMachine.ProgrammingError, slot: Int, at now: Moment
    ) {
        self.effects.append(.log(.programmingError(self.connections.id(ofSlot: slot), error.rawValue)))
        self.step(.closeRequested(.internalError), slot: slot, at: now)
    }
}
