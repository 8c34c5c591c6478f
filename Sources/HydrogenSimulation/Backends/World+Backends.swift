import HydrogenProtocol
import HydrogenShard

/// The backends of a run, and what the server's HTTP side does for them: its part in a publish is to choose the loops.
struct SimulatedBackends {
    /// A publish that a loop has to answer for.
    struct UnderWay {
        var number: UInt64
        var publish: UInt32
        var backend: Int
    }

    /// Each backend's own chance.
    var choices: [Generator]
    var stepCounts: [Int]
    var underWay: [UnderWay] = []
    var lastNumber: UInt64 = 0
    /// What tells its events from those of the loops.
    let origin: UInt64
    var writer = EnvelopeWriter()

    init(_ plans: [BackendPlan], seed: UInt64) {
        self.choices = plans.indices.map { Generator(seed: seed, stream: StreamOf.backend($0)) }
        self.stepCounts = plans.map { _ in 0 }
        var generator = Generator(seed: seed, stream: StreamOf.backends)
        self.origin = generator.next()
    }
}

/// Publishes through the server API. For who checks events, a backend is one more client, behind all others.
extension World {
    private func publisher(_ backend: Int) -> UInt32 { UInt32(self.clients.count + backend) }

    mutating func planBackends() {
        for backend in self.scenario.backends.indices {
            let id = InputID(.client, of: Int(self.publisher(backend)), number: 0)
            guard self.inputs.admits(id, at: self.clock.now, self.scenario.backends[backend].name) else { continue }
            self.planPublish(of: backend)
        }
    }

    private mutating func planPublish(of backend: Int) {
        let wait = self.backends.choices[backend].interval(self.scenario.backends[backend].every)
        self.heap.push(.backend, at: self.after(max(wait, .milliseconds(1))), subject: UInt32(backend))
    }

    mutating func backendPublishes(_ backend: Int) {
        guard self.phase == .safety else { return }
        self.planPublish(of: backend)
        let plan = self.scenario.backends[backend].publish
        let kind = self.backends.choices[backend].below(plan.kindCount)
        let key = plan.keyCount > 0 ? self.backends.choices[backend].below(plan.keyCount) : nil
        let id = InputID(.step, of: Int(self.publisher(backend)), number: self.backends.stepCounts[backend])
        self.backends.stepCounts[backend] += 1
        guard self.inputs.admits(id, at: self.clock.now, "publish"), self.server.isUp else { return }
        let number = self.events.add(
            Publish(
                publisher: self.publisher(backend), channel: plan.channel, action: Array(plan.action.utf8), kind: kind,
                isForAll: plan.isForAll, isGuaranteed: plan.isGuaranteed, isDeferred: true, key: key,
                sentAt: self.clock.now.nanoseconds))
        if self.trace.isOn { self.trace.say("backend \(backend) publishes event \(number) on \(plan.action)") }
        self.backends.lastNumber += 1
        let publish = self.serverPublish(plan, backend, number, kind: kind, key: key)
        let needsOneLoop = ServerPublish.needsOneLoop(
            hasKey: key != nil, wantsCount: plan.wantsCount, isKept: plan.isGuaranteed || plan.isRetained,
            isDurable: self.configuration.delivery.isDurable)
        if needsOneLoop { return self.askLoop(publish, number, backend) }
        guard self.server.places.reserveEverywhere(of: .events, except: nil) else { return }
        self.publishTaken(number, of: self.publisher(backend))
        let answer = self.tellLoops(publish)
        self.events.answered(number, answer, of: self.publisher(backend), keptFrom: Int64.max, at: self.clock.now)
    }

    private func serverPublish(
        _ plan: PublishPlan, _ backend: Int, _ number: UInt32, kind: Int, key: Int?
    ) -> ServerPublish {
        var data: [UInt8] = []
        plan.appendData(kind: kind, client: Int(self.publisher(backend)), number: number, to: &data)
        return ServerPublish(
            number: self.backends.lastNumber, channel: plan.channel, action: Array(plan.action.utf8), data: data,
            priority: plan.priority ?? .normal, isRetained: plan.isRetained, isGuaranteed: plan.isGuaranteed,
            audience: plan.isForAll ? .all : .subscribers,
            key: key.map {
                PublishKey(
                    identity: self.scenario.backends[backend].name, channel: plan.channel, key: Array("k\($0)".utf8))
            },
            wantsCount: plan.wantsCount)
    }

    /// Sends an event to every loop. Their places are reserved.
    private mutating func tellLoops(_ publish: ServerPublish) -> WrittenAnswer {
        let event = PublishedEvent(
            EventID(origin: self.backends.origin, loop: UInt32(self.server.loops.count), number: publish.number),
            channel: publish.channel, named: Array(self.configuration.channels[publish.channel].name.utf8),
            action: publish.action, data: publish.data.span, priority: publish.priority,
            isRetained: publish.isRetained, isGuaranteed: publish.isGuaranteed, audience: publish.audience,
            sequence: self.server.ledger.nextPublishSequence(), writer: &self.backends.writer, at: self.now)
        for loop in self.server.loops.indices { self.post(.event(event, report: nil), from: nil, to: loop) }
        return WrittenAnswer(accepted: event.id)
    }

    /// Has one loop publish an event; it tells what came of it.
    private mutating func askLoop(_ publish: ServerPublish, _ number: UInt32, _ backend: Int) {
        let loop = publish.home(loopCount: self.server.loops.count)
        guard self.server.places.reserve(of: .events, at: loop) else { return }
        self.backends.underWay.append(
            SimulatedBackends.UnderWay(number: publish.number, publish: number, backend: backend))
        self.publishTaken(number, of: self.publisher(backend))
        self.post(.publish(publish), from: nil, to: loop)
    }

    /// A loop tells what came of a publish: rule 5 for backends.
    mutating func published(_ number: UInt64, _ outcome: PublishOutcome) {
        guard let place = self.backends.underWay.firstIndex(where: { $0.number == number }) else {
            return self.violate(5, "an answer to a publish that no backend asked for: \(number)")
        }
        let entry = self.backends.underWay.remove(at: place)
        let answer: WrittenAnswer
        switch outcome {
        case .accepted(let id, _): answer = WrittenAnswer(accepted: id)
        case .refused: answer = WrittenAnswer()
        }
        if self.trace.isOn { self.trace.say("backend \(entry.backend) ← \(answer.isOk ? "ok" : "error")") }
        self.events.answered(
            entry.publish, answer, of: self.publisher(entry.backend), keptFrom: Int64.max, at: self.clock.now)
    }
}

extension WrittenAnswer {
    fileprivate init(accepted event: EventID) {
        self.init()
        self.isOk = true
        self.eventHash = textHash(event.text.utf8.span)
    }
}
