import HydrogenProtocol
import HydrogenShard

/// The driver of the simulated loops: what `HydrogenTransport.EventLoop` is in production.
extension World {
    /// How long a pass may go on, at most.
    private static let longestPass: Int64 = 200_000
    /// One of so many passes goes on, and takes in what happens meanwhile.
    private static let passesPerLongOne = 8

    func loop(_ index: LoopIndex) -> SimulatedLoop { self.server.loops[index] }

    /// After every call of a shard, and never inside of one: does what it wants done, and plans the end of the pass.
    mutating func served(_ loop: SimulatedLoop) {
        self.servedInPass(loop)
        guard !loop.isPassOpen else { return }
        // What happens in this very instant belongs to the same pass; sometimes so does what happens soon.
        let isShared = self.heap.nextAt.map { $0 <= self.clock.now.nanoseconds } ?? false
        guard isShared || self.schedule.below(Self.passesPerLongOne) == 0 else { return self.endPass(of: loop) }
        loop.isPassOpen = true
        let length = isShared ? 0 : self.schedule.number(0, Self.longestPass)
        self.heap.push(
            .loopPass, at: self.after(Interval(nanoseconds: length)), subject: UInt32(loop.index),
            detail: self.server.life)
    }

    /// The same, where the pass goes on in any case.
    mutating func servedInPass(_ loop: SimulatedLoop) {
        let needs = loop.shard.needs
        if needs.isEmpty { return }
        // Steps first: what effects and writes mean depends on the states that they led to.
        if needs.contains(.steps) { self.noteSteps(of: loop) }
        if needs != .steps { self.performEffects(of: loop) }
    }

    mutating func loopPass(_ index: LoopIndex, life: UInt32) {
        guard life == self.server.life, self.server.isUp else { return }
        let loop = self.loop(index)
        guard loop.isPassOpen else { return }
        loop.isPassOpen = false
        self.endPass(of: loop)
    }

    /// The loop is about to wait: what is due is written, what is over is freed, and the timer is armed.
    private mutating func endPass(of loop: SimulatedLoop) {
        let now = self.now
        repeat {
            self.endTransports(condemnedBy: loop)
            loop.shard.endTurn(at: now) { id, bytes in self.write(bytes, to: id, from: loop) }
            self.servedInPass(loop)
        } while !loop.condemned.isEmpty && self.violation == nil
        self.checkTurn(of: loop)
        self.armDeadline(of: loop)
    }

    /// Connections that the core wants to be gone at once.
    private mutating func endTransports(condemnedBy loop: SimulatedLoop) {
        guard !loop.condemned.isEmpty else { return }
        let condemned = loop.condemned
        loop.condemned = []
        for id in condemned {
            guard let link = self.serverLink(of: id, at: loop) else { continue }
            self.endTransport(link, .aborted)
        }
    }

    private mutating func armDeadline(of loop: SimulatedLoop) {
        var deadline = loop.shard.nextDeadline
        if let timeout = loop.shard.nextTimeout { deadline = min(deadline ?? timeout, timeout) }
        guard deadline != loop.armedDeadline else { return }
        loop.armedDeadline = deadline
        loop.armingNumber &+= 1
        guard let deadline else { return }
        var at = max(deadline, self.clock.now)
        if self.strikes(.lateWakeUp) {
            at = at + Interval(nanoseconds: self.faults.number(0, VirtualClock.tick.nanoseconds / 2))
        }
        self.heap.push(.loopDeadline, at: at, subject: UInt32(loop.index), detail: loop.armingNumber)
        if self.strikes(.duplicateWakeUp) {
            self.heap.push(
                .loopDeadline, at: at + Interval(nanoseconds: self.faults.number(0, VirtualClock.tick.nanoseconds / 2)),
                subject: UInt32(loop.index), detail: UInt32.max)
        }
    }

    /// - Parameter arming: `UInt32.max` for a wake-up that nobody asked for.
    mutating func loopDeadline(_ index: LoopIndex, arming: UInt32) {
        guard self.server.isUp, index < self.server.loops.count else { return }
        let loop = self.loop(index)
        guard arming == loop.armingNumber || arming == UInt32.max else { return }
        if arming == loop.armingNumber { loop.armedDeadline = nil }
        if self.trace.isOn { self.trace.say("loop \(index) deadline") }
        loop.shard.advance(to: self.now)
        self.served(loop)
    }

    private mutating func performEffects(of loop: SimulatedLoop) {
        while let effect = loop.shard.nextEffect() { self.perform(effect, of: loop) }
        self.server.supplyEntropy(loop)
        guard loop.shard.isFlushDue else { return }
        loop.shard.flush(at: self.now) { id, bytes in self.write(bytes, to: id, from: loop) }
        self.noteSteps(of: loop)
        while let effect = loop.shard.nextEffect() { self.perform(effect, of: loop) }
    }

    private mutating func perform(_ effect: consuming Effect, of loop: SimulatedLoop) {
        self.options.observe?(.wanted(effect))
        switch consume effect {
        case .requestWritable(let id):
            guard let link = self.liveLink(of: id, at: loop, for: "requestWritable") else { return }
            self.wantWritable(link)
        case .close(let id, let code, let reason):
            guard let link = self.liveLink(of: id, at: loop, for: "close") else { return }
            self.askClose(link, code, reason, of: loop)
        case .abort(let id):
            guard self.liveLink(of: id, at: loop, for: "abort") != nil else { return }
            loop.condemned.append(id)
        case .post(let mail, let target):
            self.post(mail, from: loop.index, to: target)
        case .dispatch(let request):
            self.dispatch(request)
        case .store(let batch):
            self.store(batch)
        case .published(let number, let outcome):
            self.published(number, outcome)
        case .log(let record):
            self.noteLog(record, of: loop)
        case .drained:
            loop.isDrained = true
            self.drainedOne()
        }
    }

    /// The link of a connection that has a transport; an effect for another one is a bug (rule 3).
    private mutating func liveLink(of id: ConnectionID, at loop: SimulatedLoop, for effect: StaticString) -> UInt32? {
        if let link = self.serverLink(of: id, at: loop) { return link }
        self.violate(3, "\(effect) for a connection without a transport: \(id.slot) of generation \(id.generation)")
        return nil
    }

    /// The link of a connection that has a transport.
    func serverLink(of id: ConnectionID, at loop: SimulatedLoop) -> UInt32? {
        let link = loop.link(of: id)
        guard link != LinkTable.none, self.links[link].hasServerSide, self.links[link].id == id,
            self.links[link].loop == loop.index
        else { return nil }
        return link
    }
}
