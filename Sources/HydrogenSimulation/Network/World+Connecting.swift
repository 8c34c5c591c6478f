import HydrogenProtocol
import HydrogenShard

/// From the first packet of a connection to the 101.
extension World {
    /// A client wants a transport: its SYN is on its way.
    mutating func connect(_ client: UInt32) {
        let index = Int(client)
        let group = Int(self.clients[index].group)
        let link = self.links.insert(client: client)
        self.clients[index].link = link
        let path = self.scenario.groups[group].link
        self.links[link].sendBufferByteCount = path.sendBufferBytes
        self.links[link].bytesPerSecond = path.bytesPerSecond ?? 0
        self.links[link].watchesEvents = self.programs[group].watchesEvents
        if self.clients[index].isVanished { self.links[link].path = .holding }
        // Silence is of one connection.
        self.clients[index].isSilent = false
        self.measures.count(.attempt, client: client, at: self.clock.now)
        let kind: Packet.Kind = self.strikes(.connectionRefused, on: client) ? .end : .connect
        // A refused one comes back as a reset, after the way there and back.
        if kind == .end { return self.sendEndToClient(link) }
        if self.connectWithTicket(client, link) { return }
        self.sendToServer(link, Packet(link: link, linkGeneration: self.links[link].generation, kind: .connect))
    }

    /// The SYN is here.
    mutating func accept(_ link: UInt32) {
        guard self.server.isUp else { return self.sendEndToClient(link) }
        let loop = self.loop(self.schedule.below(self.server.loops.count))
        let client = self.links[link].client
        let peer = self.address(of: client)
        loop.acceptedCount += 1
        let limited = self.limitCounts(of: loop)
        let accepted = loop.shard.accepted(peer, at: self.now)
        self.checkConnectionLimit(of: client, CountedAddress(peer), loop, before: limited)
        guard let id = accepted else {
            loop.closedAtAcceptCount += 1
            if self.trace.isOn { self.trace.say("client \(client) closed at accept by loop \(loop.index)") }
            self.sendEndToClient(link)
            return self.served(loop)
        }
        if self.trace.isOn { self.trace.say("client \(client) accepted as \(loop.index)/\(id.slot)/\(id.generation)") }
        self.links[link].loop = loop.index
        self.links[link].id = id
        self.links[link].hasServerSide = true
        loop.setLink(link, of: id)
        self.server.handshakeCount += 1
        if let fault = self.mirror.accepted(id, at: loop.index, client: client, now: self.clock.now) {
            self.violate(3, fault, client: client)
        }
        self.sendRequest(link, client)
        self.served(loop)
    }

    /// The client learns that it is connected, and sends its request as its opening says.
    private mutating func sendRequest(_ link: UInt32, _ client: UInt32) {
        guard self.links[link].hasClientSide else { return }
        let group = self.scenario.groups[Int(self.clients[Int(client)].group)]
        var wait = self.clients[Int(client)].network.interval(group.link.latency)
        switch group.opening {
        case .silent, .halfway:
            return
        case .dribbling(let interval):
            // A request has about so many bytes.
            wait = wait + interval * 250
        case .proper, .malformed:
            break
        }
        let packet = Packet(link: link, linkGeneration: self.links[link].generation, kind: .request)
        self.sendToServer(link, packet, after: wait)
    }

    /// The request is here, whole.
    mutating func requestArrived(_ link: UInt32) {
        let client = self.links[link].client
        let loop = self.loop(self.links[link].loop)
        let id = self.links[link].id
        let request = self.request(of: client)
        guard self.told(.requested, link) else { return }
        let decision = loop.shard.requested(request, on: id, at: self.now)
        self.checkTicket(of: client, decision)
        switch decision {
        case .accept:
            _ = self.told(.agreed, link)
            self.server.admittedCount += 1
            self.checkUpgrade(of: client, loop)
            if self.trace.isOn { self.trace.say("client \(client) request agreed") }
            self.noteSteps(of: loop)
            // Most often libwebsockets goes on at once.
            if self.schedule.below(8) > 0 {
                self.upgrade(link)
            } else {
                self.scheduleUpgrade(link)
                self.served(loop)
            }
        case .refuse(let refusal):
            _ = self.told(.refused, link)
            if self.trace.isOn {
                self.trace.say("client \(client) refused \(refusal.status) \(refusal.code.qualifiedName)")
            }
            self.measures.count(.refused(refusal.status), client: client, at: self.clock.now)
            self.sendRefusal(refusal, link)
            self.scheduleEnd(link, .lost)
            self.served(loop)
        case .drop:
            _ = self.told(.dropped, link)
            self.scheduleEnd(link, .lost)
            self.served(loop)
        }
    }

    private mutating func scheduleUpgrade(_ link: UInt32) {
        let wait = Interval(nanoseconds: self.schedule.number(1_000, 1_000_000))
        let packet = Packet(link: link, linkGeneration: self.links[link].generation, kind: .upgraded)
        let place = self.packets.insert(packet)
        self.heap.push(.toServer, at: self.after(wait), subject: place)
    }

    /// The 101 leaves.
    mutating func upgrade(_ link: UInt32) {
        let loop = self.loop(self.links[link].loop)
        guard self.told(.upgraded, link) else { return }
        self.server.handshakeCount -= 1
        if self.links[link].watchesEvents { self.events.connected(self.links[link].client, at: self.clock.now) }
        self.sendToClient(link, Packet(link: link, linkGeneration: self.links[link].generation, kind: .upgraded))
        loop.shard.upgraded(self.links[link].id, at: self.now)
        self.served(loop)
    }

    private mutating func sendRefusal(_ refusal: HandshakeRefusal, _ link: UInt32) {
        var packet = Packet(link: link, linkGeneration: self.links[link].generation, kind: .refusal)
        packet.code = UInt16(refusal.status)
        let seconds = refusal.headers.first { $0.name == "Retry-After" }.flatMap { UInt32($0.value) }
        packet.number = seconds ?? UInt32.max
        self.sendToClient(link, packet)
    }

    /// Hands a call to the grammar of the link. False, and a broken rule, where it may not come now.
    mutating func told(_ call: TransportGrammar.Call, _ link: UInt32) -> Bool {
        let before = self.links[link].grammar.phase
        if self.links[link].grammar.take(call) {
            self.options.observe?(.called(call, self.links[link].id))
            return true
        }
        self.violate(0, "\(call) after \(before)", client: self.links[link].client)
        return false
    }
}
