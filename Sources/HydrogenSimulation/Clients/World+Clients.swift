import HydrogenClientCore
import HydrogenProtocol

/// Clients: how they come, what their cores are told, and what they want done.
extension World {
    mutating func makeClients() {
        self.clients.reserveCapacity(self.scenario.clientCount)
        for (group, plan) in self.scenario.groups.enumerated() {
            for number in 0..<plan.count {
                let index = self.clients.count
                var choices = Generator(seed: self.seed, stream: StreamOf.script(ofClient: index))
                let core = ClientCore(configuration: self.clientConfiguration(of: plan), seed: choices.next())
                self.clients.append(
                    SimulatedClient(
                        group: Int32(group), numberInGroup: number, core: core, choices: choices,
                        faults: Generator(seed: self.seed, stream: StreamOf.faults(ofClient: index)),
                        network: Generator(seed: self.seed, stream: StreamOf.network(ofClient: index))))
            }
        }
        self.events.makeClients(self.clients.count + self.scenario.backends.count)
    }

    func clientConfiguration(of group: ClientGroup) -> ClientConfiguration {
        var configuration = ClientConfiguration()
        configuration.signedActions = self.scenario.server.policy.signedActions
        if let reconnect = group.reconnect {
            configuration.lifecycle.backOffBase = reconnect.initialDelay
            configuration.lifecycle.backOffMaximum = reconnect.maximumDelay
            configuration.lifecycle.hasJitter = reconnect.hasJitter
        }
        // Its page has the patience that its dawdling needs.
        if case .ticket(let plan) = group.credential {
            configuration.lifecycle.connectTimeout = configuration.lifecycle.connectTimeout + plan.delay.longest
        }
        return configuration
    }

    mutating func scheduleArrival(_ index: Int) {
        let group = self.scenario.groups[Int(self.clients[index].group)]
        let at: Interval
        switch group.arrival {
        case .atOnce(let time):
            at = time
        case .evenly(let from, let over):
            let share = over.nanoseconds / Int64(max(group.count, 1))
            at = from + Interval(nanoseconds: share * Int64(self.clients[index].numberInGroup))
        case .randomly(let from, let over):
            at = from + Interval(nanoseconds: self.clients[index].choices.number(0, over.nanoseconds))
        }
        guard self.inputs.admits(InputID(.client, of: index, number: 0), at: self.after(at), group.name) else { return }
        self.heap.push(.clientStart, at: self.after(at), subject: UInt32(index))
    }

    /// A client comes, or has its power again.
    mutating func clientStart(_ client: UInt32, life: UInt32) {
        let index = Int(client)
        guard self.phase != .farewell, !self.clients[index].isOn, self.clients[index].life == life else { return }
        if self.trace.isOn { self.trace.say("client \(client) starts") }
        self.clients[index].isOn = true
        self.clients[index].attemptingSince = self.clock.now.nanoseconds
        self.clients[index].core.start(at: self.clock.now)
        self.performEffects(ofClient: client)
    }

    mutating func clientDeadline(_ client: UInt32, at time: Int64) {
        let index = Int(client)
        guard self.clients[index].armedDeadline == time, self.clients[index].isOn else { return }
        self.clients[index].armedDeadline = nil
        self.clients[index].core.advance(to: self.clock.now)
        self.performEffects(ofClient: client)
    }

    /// After every call of a core.
    mutating func performEffects(ofClient client: UInt32) {
        let index = Int(client)
        while let effect = self.clients[index].core.nextEffect() { self.perform(effect, client) }
        self.armDeadline(ofClient: client)
    }

    /// A deadline that has moved to a later time is looked at when the earlier one comes.
    private mutating func armDeadline(ofClient client: UInt32) {
        let index = Int(client)
        guard let deadline = self.clients[index].coreDeadline() else { return }
        let at = max(deadline, self.clock.now).nanoseconds
        if let armed = self.clients[index].armedDeadline, armed <= at { return }
        self.clients[index].armedDeadline = at
        self.heap.push(.clientDeadline, at: Instant(nanoseconds: at), subject: client)
    }

    private mutating func perform(_ effect: ClientEffect, _ client: UInt32) {
        let index = Int(client)
        switch effect {
        case .openTransport:
            self.clients[index].connectionCount += 1
            self.clients[index].hasUnfinishedMessage = false
            self.connect(client)
        case .send(let range):
            self.send(range, of: client)
        case .sendPing:
            self.sendFromClient(client, .ping)
        case .closeTransport(let code):
            self.sendFromClient(client, .close, code: code.rawValue)
        case .abortTransport:
            self.abandonLink(of: client)
            self.clients[index].core.transportEnded(code: nil, at: self.clock.now)
        case .stateChanged(let kind):
            self.stateChanged(client, kind)
        case .sessionBegan(let isResumed):
            self.sessionBegan(client, isResumed: isResumed)
        case .event(let reference):
            self.eventReceived(client, reference)
        case .gap(let gap):
            guard !gap.isAnnounced, !self.isAcknowledged(gap, client) else { return }
            self.violate(6, "offsets \(gap.from)–\(gap.to) are left out without a word", client: client)
        case .answered(let number, let outcome):
            self.answered(client, number, outcome)
        case .subscriptionAnswered(let number, let outcome):
            if outcome != .ok { self.clients[index].subscriptions.removeAll { $0.number == number } }
        }
    }

    private mutating func stateChanged(_ client: UInt32, _ kind: ClientStateMachine.Kind) {
        let index = Int(client)
        if self.trace.isOn { self.trace.say("client \(client) \(kind.label)") }
        if kind == .connected || kind == .probing {
            self.measures.serves(client, true)
        } else {
            if self.measures.serves(client, false) {
                self.clients[index].script.isRunning = false
                self.clients[index].attemptingSince = self.clock.now.nanoseconds
            }
        }
        guard let reconnect = self.scenario.groups[Int(self.clients[index].group)].reconnect else {
            if kind == .waiting { self.clients[index].core.stop(at: self.clock.now) }
            return
        }
        guard kind == .stopped, self.phase != .farewell else { return }
        // What was turned away for something that it never did, or knows no better, tries again.
        guard reconnect.ignoresFinalCodes || self.clients[index].wasSabotaged else { return }
        let wait = max(reconnect.initialDelay, .milliseconds(100))
        self.replaceCore(of: client)
        self.heap.push(.clientStart, at: self.after(wait), subject: client, detail: self.clients[index].life)
    }

    private mutating func sessionBegan(_ client: UInt32, isResumed: Bool) {
        let index = Int(client)
        if !isResumed {
            self.clients[index].session += 1
            self.clients[index].held = nil
            self.clients[index].received = 0
        }
        if let victim = self.clients[index].victim.take(), isResumed {
            let hasLeft = self.clients[Int(victim.client)].session != victim.session
            self.events.shares(victim.client, with: client, hasLeft: hasLeft)
        }
        let link = self.clients[index].link
        if link != LinkTable.none { self.links[link].session = self.clients[index].session }
        if self.programs[Int(self.clients[index].group)].watchesEvents {
            self.events.sessionBegan(client, isResumed: isResumed, at: self.clock.now)
        }
        if let since = self.clients[index].attemptingSince {
            self.measures.latency(
                .connecting, Interval(nanoseconds: self.clock.now.nanoseconds - since), client: client, at: self.clock.now)
            self.clients[index].attemptingSince = nil
        }
        self.measures.count(.opened, client: client, at: self.clock.now)
        self.startScript(client)
    }

    private mutating func eventReceived(_ client: UInt32, _ reference: EventReference) {
        let index = Int(client)
        self.measures.count(.event, client: client, at: self.clock.now)
        let event = self.currentEvent(of: client)
        if let number = event.number, let sentAt = self.events.sentAt(number) {
            self.measures.latency(
                .delivery, Interval(nanoseconds: self.clock.now.nanoseconds - sentAt), client: client, at: self.clock.now)
        }
        guard reference.offset > 0 else { return }
        let text = event.id
        if self.programs[Int(self.clients[index].group)].watchesEvents {
            self.noteGuaranteed(reference, event.number.flatMap { UInt32(exactly: $0) }, of: client)
        }
        guard self.clients[index].held == nil else {
            self.clients[index].held?.append((reference, text))
            return
        }
        self.clients[index].core.acknowledge(reference, id: text.span, at: self.clock.now)
    }

    /// The event in hand: the number of its publish, where that is looked at, and its id.
    private func currentEvent(of client: UInt32) -> (number: Int64?, id: [UInt8]) {
        guard let current = self.currentMessage else { return (nil, []) }
        let bytes = self.packets[bytes: current.place].span.extracting(current.range.indices)
        let message = self.clients[Int(client)].core.message
        let watches = self.programs[Int(self.clients[Int(client)].group)].watchesEvents
        let number = watches ? message.data?.member("n", in: bytes)?.integer(in: bytes) : nil
        return (number, message.offset > 0 ? message.id?.decoded(in: bytes) ?? [] : [])
    }

    /// It handles what it held, in an order that the seed draws, and what comes from now on.
    mutating func handleEvents(_ client: UInt32) {
        let index = Int(client)
        guard var held = self.clients[index].held.take() else { return }
        while !held.isEmpty {
            let place = self.clients[index].choices.below(held.count)
            let event = held.remove(at: place)
            self.clients[index].core.acknowledge(event.reference, id: event.id.span, at: self.clock.now)
        }
    }

    private mutating func answered(_ client: UInt32, _ number: CommandNumber, _ outcome: CommandOutcome) {
        let index = Int(client)
        if let place = self.clients[index].pending.firstIndex(where: { $0.number == number }) {
            let sentAt = self.clients[index].pending[place].sentAt
            self.clients[index].pending.remove(at: place)
            if outcome == .ok || outcome == .failed {
                self.measures.latency(
                    .response, Interval(nanoseconds: self.clock.now.nanoseconds - sentAt), client: client,
                    at: self.clock.now)
            }
        }
        switch outcome {
        case .ok:
            self.measures.count(.succeeded, client: client, at: self.clock.now)
            self.noteServed(UInt32(truncatingIfNeeded: number), of: client)
        case .failed: self.measures.count(.failed(self.currentError(of: client)), client: client, at: self.clock.now)
        case .timedOut, .connectionLost, .tooLarge, .stopped: break
        }
        guard self.clients[index].script.awaited == number, self.clients[index].script.isRunning else { return }
        self.clients[index].script.awaited = 0
        self.continueScript(client, after: .zero)
    }

    /// The error of the response in hand.
    private func currentError(of client: UInt32) -> ErrorCode? {
        guard let current = self.currentMessage else { return nil }
        let bytes = self.packets[bytes: current.place].span.extracting(current.range.indices)
        let error = ServerError(self.clients[Int(client)].core.message.error, in: bytes)
        guard let category = error.category, let code = error.code else { return nil }
        for known in ErrorCode.allCases where code.equals(known.name, in: bytes) {
            if category.string(in: bytes) == known.category.rawValue { return known }
        }
        return nil
    }
}
