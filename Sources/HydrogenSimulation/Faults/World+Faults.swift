import HydrogenProtocol

/// Faults that strike by themselves.
extension World {
    /// Whether a fault of the server itself strikes.
    mutating func strikes(_ kind: FaultKind) -> Bool {
        guard !self.faults.isQuiet, let number = self.faults.serverStrike(kind) else { return false }
        let id = InputID(.fault, of: InputID.server, number: number)
        guard self.inputs.admits(id, at: self.clock.now, "\(kind)") else { return false }
        self.faults.count(kind)
        return true
    }

    /// Whether a fault strikes a client, its connection or its command.
    @inline(__always)
    mutating func strikes(_ kind: FaultKind, on client: UInt32) -> Bool {
        if self.faults.isQuiet { return false }
        return self.drawStrike(kind, on: client)
    }

    private mutating func drawStrike(_ kind: FaultKind, on client: UInt32) -> Bool {
        let index = Int(client)
        guard self.clients[index].faults.happens(perMillion: self.faults.rates[kind]) else { return false }
        let number = self.clients[index].strikeCount
        self.clients[index].strikeCount += 1
        let id = InputID(.fault, of: index, number: number)
        guard self.inputs.admits(id, at: self.clock.now, "\(kind)") else { return false }
        self.faults.count(kind)
        if self.trace.isOn { self.trace.say("fault \(kind) client \(client)") }
        return true
    }

    /// Once a second: what strikes the server as a whole.
    mutating func second() {
        self.heap.push(.second, at: self.after(.seconds(1)))
        if self.strikes(.wallClockJump) {
            let hour = Interval.seconds(3600).nanoseconds
            self.jumpWallClock(by: Interval(nanoseconds: self.faults.number(-hour, hour)))
        }
        if self.server.isUp, self.strikes(.crashRestart) {
            self.killServer(down: Interval(nanoseconds: self.faults.number(500_000_000, 5_000_000_000)))
        }
    }

    mutating func jumpWallClock(by interval: Interval) {
        self.clock.jump(by: interval)
        self.events.keepsKeys = false
        self.trace.note("wall clock \(interval.milliseconds) ms")
    }

    /// The process is gone without a word; the system resets its connections.
    /// - Parameter down: until it is started again; nil: never.
    mutating func killServer(down: Interval?) {
        guard self.server.isUp else { return }
        self.trace.note("server killed")
        let now = self.now
        self.durable?.crash(at: now)
        for place in self.links.places where self.links.isInUse(place) && self.links[UInt32(place)].hasServerSide {
            let link = UInt32(place)
            self.links[link].hasServerSide = false
            self.sendEndToClient(link)
            self.releaseIfOver(link)
        }
        self.totals.add(self.server)
        self.countRefusals()
        self.measures.serverEnded()
        self.server.end()
        self.mirror.removeAll()
        self.noteCrash()
        self.limits.removeAll()
        self.services.removeAll()
        self.forgetTickets()
        self.backends.underWay.removeAll()
        guard let down else {
            self.timeline.isServerGoneForGood = true
            return
        }
        self.heap.push(.serverStart, at: self.after(down), detail: self.server.life)
    }

    mutating func startServerSoon() {
        self.heap.push(.serverStart, at: self.clock.now, detail: self.server.life)
    }

    /// - Parameter life: of the server that is to be followed.
    mutating func serverStart(life: UInt32) {
        guard !self.server.isUp, life == self.server.life else { return }
        self.trace.note("server starts")
        self.server.start()
        self.mirror.start(loopCount: self.server.loops.count)
        self.events.restarted(at: self.clock.now)
        self.delivery.restarted(maxDetached: self.configuration.sessions.maxDetached, at: self.clock.now)
        self.restoreFromStore()
    }
}
