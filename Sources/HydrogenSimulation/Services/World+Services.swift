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
            service: service, loop: request.loop, slot: request.slot, generation: request.generation, answer: .ok,
            life: self.server.life)
        if self.trace.isOn { self.trace.say("service \(service) takes \(request.loop)/\(request.slot)") }
        let isSilent = self.services.generator.happens(perMillion: behaviour.silentPerMillion)
        if isSilent || self.strikes(.silentService) { return self.services.forget(command) }
        let isFailing = self.services.generator.happens(perMillion: behaviour.failingPerMillion)
        if isFailing || self.strikes(.failingService) { command.answer = .failed }
        var work = self.services.generator.interval(behaviour.latency)
        if self.strikes(.slowService) {
            work = work + Interval(nanoseconds: self.faults.number(0, Self.slowest.nanoseconds))
        }
        let at = self.services.finish(service, after: work, now: self.clock.now)
        let place = self.services.hold(command)
        self.heap.push(.serviceAnswer, at: at, subject: place)
    }

    mutating func serviceAnswer(_ place: UInt32) {
        guard let command = self.services.take(place) else { return }
        self.answer(command)
    }

    private mutating func answer(_ command: SimulatedServices.Held) {
        guard command.life == self.server.life, self.server.isUp else { return }
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

    /// The run heals: services behave as usual, and answer what they forgot.
    mutating func answerEverything() {
        self.services.restore()
        for command in self.services.takeForgotten() {
            let place = self.services.hold(command)
            let wait = Interval(nanoseconds: self.services.generator.number(0, 1_000_000_000))
            self.heap.push(.serviceAnswer, at: self.after(wait), subject: place)
        }
    }
}
