import HydrogenProtocol
import HydrogenShard

/// Commands on their way to services and back.
extension World {
    /// How late a slow service answers, at most.
    private static let slowest = Interval.seconds(120)

    /// A loop hands a command over.
    mutating func dispatch(_ request: ServiceRequest) {
        let service = request.service
        let behaviour = self.services.services[service].behaviour
        var command = SimulatedServices.Held(
            service: service, loop: request.loop, slot: request.slot, generation: request.generation, answer: .ok)
        if self.trace.isOn { self.trace.say("service \(service) takes \(request.loop)/\(request.slot)") }
        let isSilent = self.services.generator.happens(perMillion: behaviour.silentPerMillion)
        if isSilent || self.strikes(.silentService) {
            _ = self.services.hold(command)
            return
        }
        let isFailing = self.services.generator.happens(perMillion: behaviour.failingPerMillion)
        if isFailing || self.strikes(.failingService) { command.answer = .failed }
        var work = self.services.generator.interval(behaviour.latency)
        if self.strikes(.slowService) {
            work = work + Interval(nanoseconds: self.faults.number(0, Self.slowest.nanoseconds))
        }
        self.hold(command, until: self.services.finish(service, after: work, now: self.clock.now))
    }

    private mutating func hold(_ command: SimulatedServices.Held, until at: Instant) {
        var command = command
        command.dueAt = at
        self.heap.push(.serviceAnswer, at: at, subject: self.services.hold(command))
    }

    mutating func serviceAnswer(_ place: UInt32) {
        guard let command = self.services.takeDue(place, at: self.clock.now) else { return }
        self.answer(command)
    }

    private mutating func answer(_ command: SimulatedServices.Held) {
        let loop = self.loop(command.loop)
        if self.trace.isOn { self.trace.say("service \(command.service) answers \(command.loop)/\(command.slot)") }
        let outcome: ServiceAnswer.Outcome =
            switch command.answer {
            case .ok: .success(self.services.services[command.service].data)
            case .failed: .failure(.failed, details: "simulated")
            }
        loop.shard.deliver(
            .answer(ServiceAnswer(slot: command.slot, generation: command.generation, outcome: outcome)), at: self.now)
        self.served(loop)
    }

    /// The run heals: services behave as usual, and answer within a second what they have, forgotten or late.
    mutating func answerEverything() {
        self.services.restore()
        for command in self.services.takeAll() {
            self.hold(command, until: self.after(Interval(nanoseconds: self.services.generator.number(0, 1_000_000_000))))
        }
    }
}
