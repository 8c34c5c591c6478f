import HydrogenProtocol
import HydrogenShard

/// What the server writes, as its transport sees it.
extension World {
    /// How long a socket takes nothing, at most, when it is choked by chance.
    private static let longestChoke: Int64 = 3_000_000_000

    /// A loop writes whole frames.
    mutating func write(_ bytes: Span<UInt8>, to id: ConnectionID, from loop: SimulatedLoop) -> WriteOutcome {
        guard let link = self.serverLink(of: id, at: loop) else {
            self.violate(3, "a write to a connection without a transport")
            return .failed
        }
        let client = self.links[link].client
        guard self.links[link].grammar.mayWrite, !self.links[link].isCloseSent else {
            // libwebsockets closes by itself after a fault of framing: what comes then is not sent.
            let phase = self.links[link].grammar.phase
            if phase == .faulted { return .failed }
            self.violate(3, "a frame in phase \(phase) of the transport", client: client)
            return .failed
        }
        if self.isChoked(link) {
            if self.links[link].watchesEvents { self.events.disturb(client, at: self.clock.now) }
            self.links[link].heldUpAt = self.clock.now.nanoseconds
            self.wantWritable(link)
            return .choked
        }
        let place = self.packets.insert(
            Packet(link: link, linkGeneration: self.links[link].generation, kind: .frames))
        self.packets[place].sentAt = self.clock.now.nanoseconds
        self.packets[bytes: place].append(bytes)
        self.links[link].outstandingByteCount += bytes.count
        self.checkFrames(place, link)
        if self.trace.isOn { self.trace.say("client \(client) ← \(bytes.count) bytes") }
        self.options.observe?(.wrote(self.packets[bytes: place], id))
        self.launchToClient(place)
        return .taken
    }

    private mutating func isChoked(_ link: UInt32) -> Bool {
        if self.links[link].isPartiallyBuffered { return true }
        if self.links[link].chokedUntil > self.clock.now.nanoseconds { return true }
        let client = self.links[link].client
        guard self.strikes(.chokedWrite, on: client) else { return false }
        self.links[link].chokedUntil =
            self.clock.now.nanoseconds + self.clients[Int(client)].faults.number(1_000_000, Self.longestChoke)
        return true
    }

    /// What was made due so far is written now, before the end of the pass.
    mutating func flushNow(_ loop: SimulatedLoop) {
        loop.shard.flush(at: self.now) { id, bytes in self.write(bytes, to: id, from: loop) }
        self.servedInPass(loop)
    }
}
