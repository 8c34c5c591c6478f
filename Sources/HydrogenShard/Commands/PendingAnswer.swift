import HydrogenProtocol

/// What a response repeats of its command, once the message itself is gone.
package struct PendingAnswer: Sendable {
    var connection: ConnectionID
    /// The decoded id.
    var id: [UInt8]
    var channel: Int
    var action: [UInt8]
    var receivedAt: Instant
    /// Whether it is among those that a drain waits for (`Connection.owedAnswerCount`).
    var isOwed = false
}

/// What came of a command.
package enum CommandOutcome: Sendable {
    /// The JSON text of the response's `data`, an object.
    case success([UInt8])
    case failure(ResponseError)
}

extension Shard {
    /// What the response to a command will need when it comes later: from other loops, or after a commit.
    /// - Returns: nil if too many of this connection wait already.
    mutating func owe(_ command: Command, _ bytes: Span<UInt8>) -> PendingAnswer? {
        self.mayOwe(command.slot) ? self.oweAlways(command, bytes) : nil
    }

    /// Whether one more response of a connection may wait.
    func mayOwe(_ slot: Int) -> Bool {
        let maximum = self.configuration.maxCommandsInFlight + self.configuration.maxSubscriptions
        return self.connections[slot].owedAnswerCount < maximum
    }

    /// As `owe`, where something else bounds how many there are.
    mutating func oweAlways(_ command: Command, _ bytes: Span<UInt8>) -> PendingAnswer {
        self.connections[command.slot].owedAnswerCount += 1
        var answer = self.pendingAnswer(command, bytes)
        answer.isOwed = true
        return answer
    }

    func pendingAnswer(_ command: Command, _ bytes: Span<UInt8>) -> PendingAnswer {
        PendingAnswer(
            connection: self.connections.id(ofSlot: command.slot),
            id: command.answerable.id?.decoded(in: bytes) ?? [], channel: command.channel,
            action: command.answerable.action?.decoded(in: bytes) ?? [], receivedAt: command.now.instant)
    }

    /// Sends the response to a command that had to wait, if its connection still stands.
    mutating func answer(_ pending: PendingAnswer, _ outcome: CommandOutcome, at now: Moment) {
        guard let slot = self.connections.slot(of: pending.connection) else { return }
        if pending.isOwed { self.connections[slot].owedAnswerCount -= 1 }
        self.respond(to: pending, outcome, slot: slot, at: now)
        self.closeIfDrained(slot, at: now)
    }

    private mutating func respond(to pending: PendingAnswer, _ outcome: CommandOutcome, slot: Int, at now: Moment) {
        guard self.connections[slot].machine.canDeliver else { return }
        let name = self.channels[pending.channel].name
        let start = self.outgoing.beginFrame()
        var isOk = false
        switch outcome {
        case .success(let data):
            isOk = true
            self.writer.appendResponse(
                to: &self.outgoing.bytes, id: pending.id.span, channel: name.span, action: pending.action.span,
                data: data.span, at: now.wall)
        case .failure(let error):
            self.count(error.code)
            self.writer.appendResponse(
                to: &self.outgoing.bytes, id: pending.id.span, channel: name.span, action: pending.action.span,
                error: error, at: now.wall)
        }
        let frame = self.outgoing.endFrame(.text, start)
        self.respond(frame, isOk: isOk, channel: pending.channel, slot: slot, since: pending.receivedAt, at: now)
    }
}
