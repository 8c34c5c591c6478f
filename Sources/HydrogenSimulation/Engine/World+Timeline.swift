import HydrogenProtocol
import HydrogenShard

/// What is under way of the timeline.
struct TimelineState {
    /// The server ended, and nobody starts it again.
    var isServerGoneForGood = false
    /// While it drains: how long after its end it is started again; nil: never.
    var downAfterDrain: Interval?
    /// The clients that each entry has cut off, by entry.
    var cutClients: [[UInt32]] = []
}

/// What the scenario makes happen at times that it names.
extension World {
    mutating func timelineBegins(_ index: Int) {
        guard self.phase == .safety else { return }
        let entry = self.scenario.timeline[index]
        let id = InputID(.timeline, number: index)
        guard self.inputs.admits(id, at: self.clock.now, entry.event.text) else { return }
        self.trace.note("timeline \(index): \(entry.event.text)")
        switch entry.event {
        case .restart(let down):
            self.killServer(down: down)
        case .drain(let down):
            self.beginDrain(down: down)
        case .powerCut(let group, let share, let duration, let spread):
            self.cutPower(of: group, perMillion: share, duration: duration, spread: spread)
        case .networkCut(let group, let share, let duration):
            self.cutNetwork(of: group, perMillion: share, entry: index, duration: duration)
        case .wallClockJump(let interval):
            self.jumpWallClock(by: interval)
        case .faults(let rates, let duration):
            self.faults.change(to: rates)
            self.heap.push(.timelineEnd, at: self.after(duration), subject: UInt32(index))
        case .service(let behaviour, let duration):
            guard let service = self.configuration.channels[behaviour.channel].service else { return }
            self.services.change(service, to: behaviour)
            self.heap.push(.timelineEnd, at: self.after(duration), subject: UInt32(index))
        case .reload(let policy):
            self.server.policy = policy
            self.tellEveryLoop(.policy(policy))
        case .revokeKey(let key):
            self.server.revokedKeys.append(key)
            self.tellEveryLoop(.keys(self.server.keyRing()))
        case .disconnect(let identity):
            self.tellEveryLoop(.disconnect(.identity(identity), answer: { _ in }))
        }
    }

    mutating func timelineEnds(_ index: Int) {
        guard self.phase == .safety else { return }
        switch self.scenario.timeline[index].event {
        case .faults:
            self.faults.restore()
        case .service(let behaviour, _):
            if let service = self.configuration.channels[behaviour.channel].service {
                self.services.change(service, to: nil)
            }
        case .networkCut:
            self.mendNetwork(entry: index)
        case .restart, .drain, .powerCut, .wallClockJump, .reload, .revokeKey, .disconnect:
            break
        }
    }

    /// Liveness: what the timeline has cut is whole.
    mutating func healTimeline() {
        for entry in self.timeline.cutClients.indices { self.mendNetwork(entry: entry) }
    }

    /// The clients that an entry means: a share, chosen by the seed.
    private mutating func chosen(from group: Int?, perMillion share: Int) -> [UInt32] {
        var generator = Generator(
            seed: self.seed, stream: StreamOf.timeline &+ UInt64(self.clock.now.nanoseconds) &<< 8)
        return self.clients.indices.filter { index in
            guard group == nil || Int(self.clients[index].group) == group else { return false }
            return generator.happens(perMillion: share)
        }.map { UInt32($0) }
    }

    private mutating func cutPower(of group: Int?, perMillion share: Int, duration: Interval, spread: Interval) {
        for client in self.chosen(from: group, perMillion: share) {
            let wait = Interval(nanoseconds: self.clients[Int(client)].choices.number(0, spread.nanoseconds))
            self.losePower(client, for: duration + wait)
        }
    }

    private mutating func cutNetwork(of group: Int?, perMillion share: Int, entry: Int, duration: Interval) {
        let clients = self.chosen(from: group, perMillion: share)
        for client in clients {
            self.clients[Int(client)].isVanished = true
            let link = self.clients[Int(client)].link
            if link != LinkTable.none { self.links[link].path = .holding }
        }
        while self.timeline.cutClients.count <= entry { self.timeline.cutClients.append([]) }
        self.timeline.cutClients[entry] = clients
        self.heap.push(.timelineEnd, at: self.after(duration), subject: UInt32(entry))
    }

    private mutating func mendNetwork(entry: Int) {
        for client in self.timeline.cutClients[entry] { self.reconnectNetwork(of: client) }
        self.timeline.cutClients[entry] = []
    }
}

/// Drain, as at SIGTERM.
extension World {
    private mutating func beginDrain(down: Interval?) {
        guard self.server.isUp, !self.server.isDraining else { return }
        let timeout = self.scenario.server.drainTimeout
        self.server.isDraining = true
        self.timeline.downAfterDrain = down
        self.tellEveryLoop(.drain(spread: Interval(nanoseconds: timeout.nanoseconds / 2)))
        self.heap.push(.drainEnd, at: self.after(timeout), detail: self.server.life)
    }

    /// One loop has no connection left.
    mutating func drainedOne() {
        guard self.server.isDraining, self.server.loops.allSatisfy(\.isDrained) else { return }
        self.heap.push(.drainEnd, at: self.clock.now, detail: self.server.life)
    }

    mutating func drainEnd(life: UInt32) {
        guard self.server.isUp, self.server.isDraining, life == self.server.life else { return }
        let now = self.now
        self.durable?.stop(at: now)
        self.killServer(down: self.timeline.downAfterDrain)
    }
}

extension TimelineEvent {
    /// In a few words.
    var text: String {
        switch self {
        case .restart(let down): "restart, down for \(down.milliseconds) ms"
        case .drain: "drain"
        case .powerCut(_, let share, let duration, _): "power cut of \(share) ppm for \(duration.milliseconds) ms"
        case .networkCut(_, let share, let duration): "network cut of \(share) ppm for \(duration.milliseconds) ms"
        case .wallClockJump(let interval): "wall clock \(interval.milliseconds) ms"
        case .faults(_, let duration): "other faults for \(duration.milliseconds) ms"
        case .service(let behaviour, let duration): "service of channel \(behaviour.channel) changes for \(duration.milliseconds) ms"
        case .reload: "reload"
        case .revokeKey(let key): "key \(key) is revoked"
        case .disconnect(let identity): "disconnect \(identity)"
        }
    }
}
