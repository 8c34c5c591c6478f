import HydrogenProtocol
import HydrogenShard

/// Closing handshakes and the ends of transports, on the server's side.
extension World {
    /// The core wants the closing handshake.
    mutating func askClose(_ link: UInt32, _ code: CloseCode, _ reason: ErrorCode?, of loop: SimulatedLoop) {
        let before = self.links[link].grammar.phase
        guard self.told(.closeAsked, link) else { return }
        switch before {
        case .accepted, .requested, .agreed:
            // There is no WebSocket yet that a close frame could go to.
            loop.condemned.append(self.links[link].id)
        case .open, .faulted:
            self.checkClose(link, code)
            guard !self.links[link].isCloseSent else { return }
            self.links[link].closeCode = code.rawValue
            self.links[link].closeReason = reason
            self.scheduleWritable(link)
        case .refused, .closeAsked, .closing, .ended:
            return
        }
    }

    /// The close frame leaves, as the last one.
    private mutating func sendClose(_ link: UInt32) {
        self.links[link].isCloseSent = true
        self.links[link].end = .closed(nil)
        var packet = Packet(link: link, linkGeneration: self.links[link].generation, kind: .close)
        packet.code = self.links[link].closeCode
        self.sendToClient(link, packet)
    }

    /// Somebody waits until the socket takes bytes.
    mutating func wantWritable(_ link: UInt32) {
        self.links[link].wantsWritable = true
        self.scheduleWritable(link)
    }

    /// Plans the callback for as soon as the socket takes bytes; while it is full, the client's reading brings it.
    mutating func scheduleWritable(_ link: UInt32) {
        let isWanted = self.links[link].wantsWritable || (self.links[link].closeCode != 0 && !self.links[link].isCloseSent)
        guard isWanted, !self.links[link].isWritableScheduled, !self.links[link].isPartiallyBuffered else { return }
        self.links[link].isWritableScheduled = true
        var at = max(self.clock.now.nanoseconds, self.links[link].chokedUntil) + self.schedule.number(0, 100_000)
        let client = self.links[link].client
        if self.strikes(.lateWakeUp, on: client) { at += self.clients[Int(client)].faults.number(0, 100_000_000) }
        self.heap.push(
            .writable, at: Instant(nanoseconds: at), subject: link, detail: self.links[link].generation)
    }

    mutating func becomeWritable(_ link: UInt32, generation: UInt32) {
        guard self.links.holds(link, generation), self.links[link].hasServerSide else { return }
        self.links[link].isWritableScheduled = false
        guard !self.links[link].isPartiallyBuffered, self.links[link].chokedUntil <= self.clock.now.nanoseconds else {
            return self.scheduleWritable(link)
        }
        if self.links[link].closeCode != 0 {
            if !self.links[link].isCloseSent { self.sendClose(link) }
            return
        }
        guard self.links[link].grammar.mayWrite, !self.links[link].isCloseSent else { return }
        self.links[link].wantsWritable = false
        guard self.told(.writable, link) else { return }
        self.links[link].heldUpAt = self.clock.now.nanoseconds
        let loop = self.loop(self.links[link].loop)
        let id = self.links[link].id
        if self.trace.isOn { self.trace.say("client \(self.links[link].client) writable") }
        loop.shard.writable(id, at: self.now) { bytes in self.write(bytes, to: id, from: loop) }
        self.served(loop)
        guard self.links.holds(link, generation), self.strikes(.duplicateWakeUp, on: self.links[link].client) else {
            return
        }
        self.heap.push(.writable, at: self.clock.now, subject: link, detail: generation)
    }

    /// The transport ends by itself in a moment.
    mutating func scheduleEnd(_ link: UInt32, _ end: TransportEnd) {
        self.links[link].end = end
        let wait = Interval(nanoseconds: self.schedule.number(0, 2_000_000))
        self.heap.push(
            .transportEnd, at: self.after(wait), subject: link, detail: self.links[link].generation)
    }

    mutating func endTransportLater(_ link: UInt32, generation: UInt32) {
        guard self.links.holds(link, generation), self.links[link].hasServerSide else { return }
        let loop = self.loop(self.links[link].loop)
        self.endTransport(link, self.links[link].end)
        self.served(loop)
        self.releaseIfOver(link)
    }

    /// The server's socket is gone: the core is told, once.
    mutating func endTransport(_ link: UInt32, _ end: TransportEnd) {
        let before = self.links[link].grammar.phase
        guard self.links[link].hasServerSide, self.told(.transportEnded, link) else { return }
        let loop = self.loop(self.links[link].loop)
        self.links[link].hasServerSide = false
        self.noteDetached(link)
        switch before {
        case .accepted, .requested, .refused:
            self.server.handshakeCount -= 1
        case .agreed:
            self.server.handshakeCount -= 1
            self.server.admittedCount -= 1
        case .open, .faulted, .closeAsked, .closing:
            self.server.admittedCount -= 1
        case .ended:
            break
        }
        if self.trace.isOn { self.trace.say("client \(self.links[link].client) transport ended: \(end)") }
        loop.shard.transportEnded(self.links[link].id, end, at: self.now)
        self.servedInPass(loop)
        self.sendEndToClient(link)
    }
}
