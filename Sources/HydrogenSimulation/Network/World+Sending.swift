import HydrogenProtocol

/// Packets on their way: in order in each direction, as TCP keeps them.
extension World {
    /// How late a packet may be when it is late, and how long one waits for the next.
    private static let longestDelay: Int64 = 2_000_000_000
    private static let longestMerge: Int64 = 50_000_000

    /// Sends a packet without bytes to the server.
    mutating func sendToServer(_ link: UInt32, _ packet: Packet, after wait: Interval = .zero) {
        self.launchToServer(self.packets.insert(packet), after: wait)
    }

    /// Puts a packet on its way to the server.
    mutating func launchToServer(_ place: UInt32, after wait: Interval = .zero) {
        let link = self.packets[place].link
        let client = self.links[link].client
        self.packets[place].flags.insert(.isForServer)
        if self.links[link].isMute, self.packets[place].kind.isMutable { return self.packets.remove(place) }
        guard self.mayTravel(place) else { return }
        let group = Int(self.clients[Int(client)].group)
        let latency = self.clients[Int(client)].network.interval(self.scenario.groups[group].link.latency)
        var at = self.clock.now.nanoseconds + wait.nanoseconds + latency.nanoseconds
        if !self.faults.isQuiet {
            if self.strikes(.delay, on: client) { at += self.clients[Int(client)].faults.number(0, Self.longestDelay) }
            if self.strikes(.merge, on: client) { at += self.clients[Int(client)].faults.number(0, Self.longestMerge) }
        }
        at = max(at, self.links[link].toServerAt)
        self.links[link].toServerAt = at
        self.heap.push(.toServer, at: Instant(nanoseconds: at), subject: place)
    }

    /// Sends a packet without bytes to a client.
    mutating func sendToClient(_ link: UInt32, _ packet: Packet) {
        self.launchToClient(self.packets.insert(packet))
    }

    /// Puts a packet on its way to a client, as fast as the client takes them.
    mutating func launchToClient(_ place: UInt32) {
        let link = self.packets[place].link
        let client = self.links[link].client
        guard self.mayTravel(place) else { return }
        let group = Int(self.clients[Int(client)].group)
        let latency = self.clients[Int(client)].network.interval(self.scenario.groups[group].link.latency)
        var at = self.clock.now.nanoseconds + latency.nanoseconds
        if self.strikes(.delay, on: client) { at += self.clients[Int(client)].faults.number(0, Self.longestDelay) }
        at = max(at, self.links[link].toClientAt)
        let rate = self.links[link].bytesPerSecond
        if rate > 0, self.packets[place].kind == .frames {
            at += Int64(self.packets[bytes: place].count) * 1_000_000_000 / Int64(rate)
        }
        self.links[link].toClientAt = at
        self.heap.push(.toClient, at: Instant(nanoseconds: at), subject: place)
    }

    mutating func sendEndToClient(_ link: UInt32) {
        guard self.links[link].hasClientSide else { return }
        self.sendToClient(link, Packet(link: link, linkGeneration: self.links[link].generation, kind: .end))
    }

    mutating func sendEndToServer(_ link: UInt32) {
        self.sendToServer(link, Packet(link: link, linkGeneration: self.links[link].generation, kind: .end))
    }

    /// Whether the network takes a packet now. One that waits for it, or that is lost, is taken care of.
    private mutating func mayTravel(_ place: UInt32) -> Bool {
        let link = self.packets[place].link
        switch self.links[link].path {
        case .open:
            return true
        case .holding:
            self.append(place, to: \.heldByNetwork, of: link)
            return false
        case .lost:
            self.packets.remove(place)
            return false
        }
    }

    mutating func append(_ place: UInt32, to list: WritableKeyPath<Link, Link.PacketList>, of link: UInt32) {
        self.packets[place].next = PacketPool.none
        let last = self.links[link][keyPath: list].last
        if last == PacketPool.none {
            self.links[link][keyPath: list].first = place
        } else {
            self.packets[last].next = place
        }
        self.links[link][keyPath: list].last = place
    }

    /// Takes the first packet out of a list.
    mutating func takeFirst(of list: WritableKeyPath<Link, Link.PacketList>, of link: UInt32) -> UInt32? {
        let first = self.links[link][keyPath: list].first
        guard first != PacketPool.none else { return nil }
        self.links[link][keyPath: list].first = self.packets[first].next
        if self.packets[first].next == PacketPool.none { self.links[link][keyPath: list].last = PacketPool.none }
        return first
    }

    /// The network is back: what waited for it goes on.
    mutating func reopenPath(_ link: UInt32) {
        guard self.links[link].path == .holding else { return }
        self.links[link].path = .open
        while let place = self.takeFirst(of: \.heldByNetwork, of: link) {
            if self.packets[place].flags.contains(.isForServer) {
                self.launchToServer(place)
            } else {
                self.launchToClient(place)
            }
        }
    }

    /// Gives the link's place back once neither side has it any more.
    mutating func releaseIfOver(_ link: UInt32) {
        guard !self.links[link].hasServerSide, !self.links[link].hasClientSide else { return }
        while let place = self.takeFirst(of: \.heldByNetwork, of: link) { self.packets.remove(place) }
        while let place = self.takeFirst(of: \.heldByClient, of: link) { self.packets.remove(place) }
        self.links.remove(link)
    }
}

extension Packet.Kind {
    /// Whether a client that is silent does not send it: everything but what its system does for it.
    fileprivate var isMutable: Bool {
        switch self {
        case .message, .pong, .ping, .framingFault, .close: true
        case .connect, .request, .end, .upgraded, .refusal, .frames: false
        }
    }
}
