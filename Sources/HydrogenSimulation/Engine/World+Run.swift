import HydrogenProtocol

/// From the first happening to the last.
extension World {
    /// How often everything is checked.
    private static let sweepInterval = Interval.seconds(5)
    /// How often `SimulationOptions.progress` is told, in steps.
    private static let progressSteps: UInt64 = 65_536

    mutating func run() -> SimulationResult {
        self.trace.writeHead()
        self.server.start()
        self.mirror.start(loopCount: self.server.loops.count)
        self.schedulePlan()
        while self.violation == nil, let happening = self.heap.pop() {
            self.clock.advance(to: Instant(nanoseconds: happening.at))
            self.stepCount &+= 1
            if self.trace.isOn { self.trace.begin(self.stepCount, self.clock.now) }
            let isOver = self.handle(happening)
            if self.trace.isOn { self.trace.end() }
            if isOver { break }
            if self.stepCount % Self.progressSteps == 0 { self.options.progress?(self.elapsed) }
        }
        return self.result()
    }

    /// Time since the start.
    var elapsed: Interval { self.clock.now - Instant(nanoseconds: 0) }

    /// Everything that is known from the start.
    private mutating func schedulePlan() {
        for client in self.clients.indices { self.scheduleArrival(client) }
        for (index, entry) in self.scenario.timeline.enumerated() {
            self.heap.push(.timeline, at: self.after(entry.at), subject: UInt32(index))
        }
        for tracker in self.measures.trackers {
            guard let at = tracker.lookAt else { continue }
            self.heap.push(.expectation, at: self.after(at), subject: UInt32(tracker.index))
        }
        self.planBackends()
        self.heap.push(.second, at: self.after(.seconds(1)))
        self.heap.push(.sample, at: self.after(self.scenario.sampleInterval))
        self.heap.push(.sweep, at: self.after(Self.sweepInterval))
        self.heap.push(.phaseEnd, at: self.after(self.scenario.duration))
    }

    /// - Returns: whether the run is over.
    private mutating func handle(_ happening: Happening) -> Bool {
        let (subject, detail) = (happening.subject, happening.detail)
        switch happening.kind {
        case .toServer: self.arriveAtServer(subject)
        case .toClient: self.arriveAtClient(subject)
        case .clientDeadline: self.clientDeadline(subject, at: happening.at)
        case .clientScript: self.clientScript(subject, run: detail)
        case .clientStart: self.clientStart(subject, life: detail)
        case .clientHeals: self.clientHeals(subject, detail)
        case .writable: self.becomeWritable(subject, generation: detail)
        case .transportEnd: self.endTransportLater(subject, generation: detail)
        case .loopDeadline: self.loopDeadline(Int(subject), arming: detail)
        case .loopPass: self.loopPass(Int(subject), life: detail)
        case .mail: self.deliverMail(subject)
        case .backend: self.backendPublishes(Int(subject))
        case .serviceAnswer: self.serviceAnswer(subject)
        case .timeline: self.timelineBegins(Int(subject))
        case .timelineEnd: self.timelineEnds(Int(subject))
        case .serverStart: self.serverStart(life: detail)
        case .drainEnd: self.drainEnd(life: detail)
        case .second: self.second()
        case .sample: self.sample()
        case .expectation: self.lookAtExpectation(Int(subject))
        case .sweep:
            self.sweep()
            self.heap.push(.sweep, at: self.after(Self.sweepInterval))
        case .phaseEnd: return self.endPhase()
        case .commit: self.commit(life: detail)
        case .storePause: self.storePause(after: subject, life: detail)
        }
        return false
    }

    private mutating func sample() {
        self.takeSample()
        self.heap.push(.sample, at: self.after(self.scenario.sampleInterval))
    }
}
