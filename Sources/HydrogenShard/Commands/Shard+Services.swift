import HydrogenConnection
import HydrogenProtocol

extension Shard {
    /// Hands a command to the service of its channel.
    mutating func dispatch(_ command: Command, _ action: JSONText, _ bytes: Span<UInt8>) {
        let slot = command.slot
        let name = action.decoded(in: bytes)
        guard let service = self.channels[command.channel].definition.service,
            self.channels[command.channel].actions.contains(name)
        else { return self.fail(command, bytes, .unknownAction) }
        guard self.connections[slot].commandsInFlightCount < self.configuration.maxCommandsInFlight,
            self.services.take(service)
        else { return self.fail(command, bytes, .busy) }

        let deadline = command.now.instant + self.configuration.commandTimeout
        let id = self.commands.insert(
            PendingCommand(answer: self.pendingAnswer(command, bytes), service: service), deadline: deadline)
        self.connections[slot].commandsInFlightCount += 1
        self.step(.referenceRetained, slot: slot, at: command.now)
        let data = command.data.map { bytes.withBytes($0.range) { [UInt8]($0) } } ?? Array("{}".utf8)
        self.effects.append(
            .dispatch(
                ServiceRequest(
                    service: service, loop: self.loop, slot: id.slot, generation: id.generation,
                    channel: self.channels[command.channel].definition.name,
                    action: String(decoding: name, as: UTF8.self), data: data,
                    identity: self.connections[slot].grant?.identity ?? "",
                    session: self.sessionID(ofConnection: slot), deadline: deadline)))
    }

    /// A service's answer: it goes to its connection if that still stands and was not answered by the time-out.
    mutating func answered(_ answer: ServiceAnswer, at now: Moment) {
        let id = CommandID(slot: answer.slot, generation: answer.generation)
        guard let command = self.commands.find(id) else {
            self.counters.add(self.metrics.staleReferences[0])
            return
        }
        self.commands.remove(id)
        self.services.giveBack(command.service)
        let isAnybody = KnownBug.answerToFreedSlot.isLoose
        guard let slot = isAnybody ? Int(command.answer.connection.slot) : self.connections.slot(of: command.answer.connection)
        else {
            // The context was collected as an orphan; the answer comes too late for anybody.
            self.counters.add(self.metrics.staleReferences[0])
            return
        }
        if command.isAwaited || KnownBug.answeredTwice.isLoose {
            self.connections[slot].commandsInFlightCount -= 1
            self.answer(command.answer, self.outcome(of: command, answer.outcome), at: now)
        } else {
            self.counters.add(self.metrics.staleReferences[0])
        }
        self.step(.referenceReleased, slot: slot, at: now)
        self.closeIfDrained(slot, at: now)
    }

    /// Services that did not answer in time: their clients are told so.
    mutating func expireCommands(at now: Moment) {
        while let id = self.commands.takeDue(at: now.instant), let command = self.commands.find(id) {
            self.commands.giveUp(id)
            guard let slot = self.connections.slot(of: command.answer.connection) else { continue }
            self.connections[slot].commandsInFlightCount -= 1
            self.answer(command.answer, .failure(ResponseError(.timeout)), at: now)
        }
    }

    /// What a service's answer is on the wire; what it says of a failure beyond that goes to the log.
    private mutating func outcome(of command: PendingCommand, _ outcome: ServiceAnswer.Outcome) -> CommandOutcome {
        switch outcome {
        case .success(let data):
            return .success(data)
        case .failure(let code, let details):
            if !details.isEmpty {
                self.effects.append(
                    .log(
                        .serviceFailed(
                            channel: self.channels[command.answer.channel].definition.name,
                            action: String(decoding: command.answer.action, as: UTF8.self), code: code,
                            details: details)))
            }
            return .failure(ResponseError(code))
        }
    }
}
