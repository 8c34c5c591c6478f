import HydrogenConnection
import HydrogenProtocol

/// A drain under way: every connection is closed with 1001, one after the other, so that their clients do not all come
/// back to another server in the same instant.
struct Drain {
    /// The next slot to close.
    var slot = 0
    var nextCloseAt: Instant?
    var pause: Interval
    var isReported = false
}

extension Shard {
    /// Starts to close every connection within `spread`; new requests get 503 from now on.
    mutating func beginDrain(spread: Interval, at now: Moment) {
        guard self.drain == nil else { return }
        let count = Int64(max(self.connections.count, 1))
        self.drain = Drain(
            nextCloseAt: now.instant, pause: Interval(nanoseconds: spread.nanoseconds / count))
        self.continueDrain(at: now)
    }

    /// Closes those whose turn has come.
    mutating func continueDrain(at now: Moment) {
        guard var drain = self.drain else { return }
        while let closeAt = drain.nextCloseAt, closeAt <= now.instant {
            while drain.slot < self.connections.slotIndices.upperBound,
                !self.connections.isInUse(drain.slot) || !self.connections[drain.slot].machine.acceptsWork
            {
                drain.slot += 1
            }
            guard drain.slot < self.connections.slotIndices.upperBound else {
                drain.nextCloseAt = nil
                break
            }
            self.connections[drain.slot].closesWhenIdle = true
            self.closeIfDrained(drain.slot, at: now)
            drain.slot += 1
            drain.nextCloseAt = closeAt + drain.pause
        }
        self.drain = drain
    }

    /// Responses that are due are sent before the connection goes.
    mutating func closeIfDrained(_ slot: Int, at now: Moment) {
        let isIdle =
            self.connections[slot].commandsInFlightCount == 0 && self.connections[slot].owedAnswerCount == 0
        guard self.connections[slot].closesWhenIdle, isIdle || KnownBug.drainForgetsResponses.isLoose else { return }
        self.close(slot, .goingAway, because: .connectionDraining, at: now)
    }

    /// Tells the driver once that the last connection is freed.
    mutating func finishDrain() {
        guard self.connections.count == 0, self.drain?.isReported == false else { return }
        self.drain?.isReported = true
        self.effects.append(.drained)
    }
}
