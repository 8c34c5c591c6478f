import HydrogenProtocol
import HydrogenShard

/// What reaches the server, told to its loop as libwebsockets tells it.
extension World {
    /// The longest chunk that the transport hands over at once: `LoopConfiguration.receiveBufferBytes`.
    static let receiveBufferByteCount = 1024

    mutating func arriveAtServer(_ place: UInt32) {
        let packet = self.packets[place]
        let link = packet.link
        guard self.links.holds(link, packet.linkGeneration) else { return self.packets.remove(place) }
        if packet.kind == .connect {
            self.packets.remove(place)
            return self.accept(link)
        }
        guard self.links[link].hasServerSide else {
            // The socket is gone: the system answers with a reset.
            self.packets.remove(place)
            if packet.kind != .end { self.sendEndToClient(link) }
            return
        }
        if self.trace.isOn { self.trace.say("client \(self.links[link].client) → \(packet.kind)") }
        if self.strikesArrival(packet, link) { return self.packets.remove(place) }
        switch packet.kind {
        case .message:
            self.messageArrived(place, link)
        case .pong:
            self.pongArrived(link)
        case .ping:
            // libwebsockets answers by itself, and tells nobody.
            self.sendToClient(link, Packet(link: link, linkGeneration: packet.linkGeneration, kind: .pong))
        case .request:
            if self.links[link].grammar.phase == .accepted { self.requestArrived(link) }
        case .upgraded:
            if self.links[link].grammar.phase == .agreed { self.upgrade(link) }
        case .framingFault:
            self.framingFaultArrived(packet, link)
        case .close:
            self.closeArrived(packet, link)
        case .end:
            self.endTransport(link, self.links[link].end)
            self.served(self.loop(self.links[link].loop))
            self.releaseIfOver(link)
        case .connect, .refusal, .frames:
            break
        }
        self.packets.remove(place)
    }

    /// Faults that strike a message on its arrival.
    private mutating func strikesArrival(_ packet: Packet, _ link: UInt32) -> Bool {
        guard packet.kind == .message, !self.faults.isQuiet else { return false }
        guard self.strikes(.connectionReset, on: self.links[link].client) else { return false }
        self.sendEndToClient(link)
        let loop = self.loop(self.links[link].loop)
        self.endTransport(link, .lost)
        self.served(loop)
        self.releaseIfOver(link)
        return true
    }

    /// A piece of a message, in chunks.
    private mutating func messageArrived(_ place: UInt32, _ link: UInt32) {
        guard self.links[link].grammar.phase == .open else { return }
        let packet = self.packets[place]
        let loop = self.loop(self.links[link].loop)
        let id = self.links[link].id
        if packet.flags.contains(.isLast) { self.noteMessage(place, link) }
        if let observe = self.options.observe {
            let fragment = Fragment(
                isBinary: packet.flags.contains(.isBinary), isFirst: packet.flags.contains(.isFirst),
                isLast: packet.flags.contains(.isLast))
            observe(.received(self.packets[bytes: place], fragment, id))
        }
        let count = self.packets[bytes: place].count
        if packet.flags.contains(.isFirst) { self.links[link].arrivingByteCount = 0 }
        self.links[link].arrivingByteCount += count
        let limited = self.limitCounts(of: loop)
        let isCharged = limited != nil && self.isCharged(packet, link)
        // While it closes, the server drops what comes.
        let isHeard = self.mirror.kind(of: id, at: loop.index).isInService
        var offset = 0
        repeat {
            let end = min(offset + Self.receiveBufferByteCount, count)
            let isFirst = packet.flags.contains(.isFirst) && offset == 0
            let isLast = packet.flags.contains(.isLast) && end == count
            guard self.told(.received(isFirst: isFirst, isLast: isLast), link) else { return }
            self.mirror.chunk(isFirst: isFirst, isLast: isLast, of: id, at: loop.index, now: self.clock.now)
            loop.shard.received(
                self.packets[bytes: place].span.extracting(offset..<end),
                Fragment(isBinary: packet.flags.contains(.isBinary), isFirst: isFirst, isLast: isLast), on: id,
                at: self.now)
            offset = end
            guard offset < count else { break }
            self.servedInPass(loop)
        } while self.links[link].grammar.phase == .open
        if isCharged {
            self.checkMessageLimits(link, byteCount: self.links[link].arrivingByteCount, loop, before: limited)
        }
        if packet.flags.contains(.isLast), isHeard {
            self.noteAck(packet.note, link, isRefused: self.isRefused(by: loop, limited))
        }
        self.checkBounds(of: id, at: loop)
        self.served(loop)
    }

    /// Whether the end of a message brings it before the limits: one that closes its connection, or finds it closing,
    /// does not come so far.
    private func isCharged(_ packet: Packet, _ link: UInt32) -> Bool {
        packet.flags.contains(.isLast) && !packet.flags.contains(.isBinary)
            && self.links[link].arrivingByteCount <= self.configuration.maxMessageBytes
            && self.mirror.kind(of: self.links[link].id, at: self.links[link].loop).isInService
    }

    /// An ack was handed in: one that a limit refuses is answered.
    private mutating func noteAck(_ note: CommandNote, _ link: UInt32, isRefused: Bool) {
        switch note {
        case .none, .subscribe, .unsubscribe, .publish, .resume: return
        case .ack where isRefused, .ackID where isRefused:
            self.links[link].owed.takeWild()
        case .ackID: return
        case .ack(let offset):
            self.delivery.acknowledged(through: offset, self.links[link].delivery, on: link, at: self.clock.now)
        }
    }

    /// Whether a limit has refused what was handed in since the counts were taken.
    private func isRefused(by loop: SimulatedLoop, _ before: InlineArray<4, Int64>?) -> Bool {
        guard let before, let after = self.limitCounts(of: loop) else { return false }
        return (1..<4).contains { after[$0] > before[$0] }
    }

    private mutating func pongArrived(_ link: UInt32) {
        switch self.links[link].grammar.phase {
        case .open, .faulted: break
        case .accepted, .requested, .agreed, .refused, .closeAsked, .closing, .ended: return
        }
        let loop = self.loop(self.links[link].loop)
        guard self.told(.pongReceived, link) else { return }
        loop.shard.pongReceived(on: self.links[link].id, at: self.now)
        self.served(loop)
    }

    /// A frame that libwebsockets, or our look at the first one, does not let pass.
    private mutating func framingFaultArrived(_ packet: Packet, _ link: UInt32) {
        guard self.links[link].grammar.phase == .open, let code = CloseCode(rawValue: packet.code) else { return }
        let loop = self.loop(self.links[link].loop)
        // What was asked before is answered first.
        self.flushNow(loop)
        guard self.links[link].grammar.phase == .open, self.told(.framingFailed, link) else { return }
        // A frame without a mask is our own finding: the core closes. The others libwebsockets closes by itself.
        if !packet.flags.contains(.isFirst) {
            self.links[link].isCloseSent = true
            self.links[link].end = .closed(nil)
            var close = Packet(link: link, linkGeneration: packet.linkGeneration, kind: .close)
            close.code = packet.code
            self.sendToClient(link, close)
            self.scheduleEnd(link, .closed(nil))
        }
        loop.shard.framingFailed(code, on: self.links[link].id, at: self.now)
        self.served(loop)
    }

    /// The client's close frame.
    private mutating func closeArrived(_ packet: Packet, _ link: UInt32) {
        let loop = self.loop(self.links[link].loop)
        switch self.links[link].grammar.phase {
        case .open, .faulted, .closeAsked:
            guard !self.links[link].isCloseSent else { return self.closeAnswered(link, loop) }
        case .closing:
            return self.closeAnswered(link, loop)
        case .accepted, .requested, .agreed, .refused, .ended:
            return
        }
        let code = packet.code == 0 ? nil : packet.code
        if code == CloseCode.normal.rawValue { self.delivery.ended(self.links[link].delivery, on: link) }
        self.flushNow(loop)
        guard self.links[link].hasServerSide, self.told(.closeReceived, link) else { return }
        self.links[link].isCloseSent = true
        self.links[link].end = .closed(code)
        var answer = Packet(link: link, linkGeneration: packet.linkGeneration, kind: .close)
        answer.code = packet.code
        self.sendToClient(link, answer)
        self.scheduleEnd(link, .closed(code))
        loop.shard.closeReceived(code, on: self.links[link].id, at: self.now)
        self.served(loop)
    }

    /// The answer to our close frame: the handshake is finished.
    private mutating func closeAnswered(_ link: UInt32, _ loop: SimulatedLoop) {
        guard self.links[link].isCloseSent else { return }
        self.endTransport(link, self.links[link].end)
        self.served(loop)
        self.releaseIfOver(link)
    }
}
