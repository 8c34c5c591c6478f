import HydrogenClientCore
import HydrogenProtocol

/// A client and its connection: what it sends, what reaches it, and what can happen to its machine.
extension World {
    /// Sends a message of a client's core.
    mutating func send(_ range: ByteRange, of client: UInt32) {
        let index = Int(client)
        let link = self.clients[index].link
        guard link != LinkTable.none, self.links[link].hasClientSide else { return }
        let place = self.packets.insert(
            Packet(link: link, linkGeneration: self.links[link].generation, kind: .message))
        self.packets[place].flags = [.isFirst, .isLast]
        self.packets[place].sentAt = self.clock.now.nanoseconds
        var bytes: [UInt8] = []
        swap(&bytes, &self.packets[bytes: place])
        self.clients[index].core.withOutgoing(range) { bytes.append($0) }
        let isPlain = self.outgoingNames.isEmpty && !self.links[link].watchesEvents
        let message = OutgoingMessage(bytes.span, self.outgoingNames, readsNumberOnly: isPlain)
        if message.verb == .resume, self.strikes(.forgottenOffset, on: client) { bytes.zeroNumber(after: "\"offset\":") }
        swap(&bytes, &self.packets[bytes: place])
        if let number = message.command {
            self.packets[place].number = number
            self.packets[place].flags.insert(.isCommand)
            if self.programs[Int(self.clients[index].group)].forges { self.keepSigned(place, number, client) }
            self.classify(place, message, client)
        } else if self.links[link].watchesEvents {
            self.packets[place].note = .ack(of: self.packets[bytes: place].span)
        }
        self.launchMessage(place)
    }

    /// What a command means for who checks responses and events.
    private mutating func classify(_ place: UInt32, _ message: OutgoingMessage, _ client: UInt32) {
        // A session may have another home than the loop of its connection.
        let isElsewhere = self.clients[Int(client)].isResuming() || self.links[self.packets[place].link].delivery.isResumed
        let waitsForStore = self.durable != nil && message.verb != .other
        if message.isDeferred || isElsewhere || waitsForStore { self.packets[place].flags.insert(.isDeferred) }
        let program = Int(self.clients[Int(client)].group)
        guard self.programs[program].watchesEvents else { return }
        let bytes = self.packets[bytes: place]
        switch message.verb {
        case .subscribe:
            for plan in self.programs[program].subscriptions where bytes.hasSuffix(self.events.plans[plan].suffix) {
                self.packets[place].note = .subscribe(UInt32(plan))
                return
            }
        case .unsubscribe:
            if let number = OutgoingMessage.number(after: "\"sub-", in: bytes.span) {
                self.packets[place].note = .unsubscribe(number)
            }
        case .publish:
            guard let number = OutgoingMessage.number(after: "\"n\":", in: bytes.span) else { return }
            self.packets[place].note = .publish(number)
            if self.events.isDeferred(number) { self.packets[place].flags.insert(.isDeferred) }
        case .resume:
            guard let session = self.clients[Int(client)].core.session else { return }
            let offset = OutgoingMessage.number(after: "\"offset\":", in: bytes.span) ?? 0
            self.packets[place].note = .resume(self.delivery.number(of: session.id), offset: Int64(offset))
        case .refresh, .other:
            break
        }
    }

    /// Puts a message on its way, unless a fault strikes it.
    mutating func launchMessage(_ place: UInt32) {
        let link = self.packets[place].link
        let client = self.links[link].client
        guard !self.clients[Int(client)].hasUnfinishedMessage else { return self.packets.remove(place) }
        guard !self.faults.isQuiet else { return self.launchToServer(place) }
        if self.strikes(.halfOpen, on: client) {
            self.packets.remove(place)
            let seconds = self.clients[Int(client)].faults.number(1, 120)
            return self.losePower(client, for: .seconds(seconds))
        }
        if self.strikes(.malformedMessage, on: client) {
            self.clients[Int(client)].wasSabotaged = true
            self.sendHostile(Self.harmlessInputs[self.clients[Int(client)].faults.below(Self.harmlessInputs.count)], client)
        }
        guard self.strikes(.split, on: client) else { return self.launchToServer(place) }
        self.launchInPieces(place, client)
    }

    /// The message arrives in pieces, of a few bytes each at worst.
    private mutating func launchInPieces(_ place: UInt32, _ client: UInt32) {
        let whole = self.packets[place]
        let bytes = self.packets[bytes: place]
        self.packets.remove(place)
        var offset = 0
        repeat {
            let rest = bytes.count - offset
            let length = min(rest, 1 + self.clients[Int(client)].faults.below(max(rest, 1) / 2 + 4))
            var piece = whole
            piece.flags.remove(.isFirst)
            piece.flags.remove(.isLast)
            if offset == 0 { piece.flags.insert(.isFirst) }
            if length == rest { piece.flags.insert(.isLast) }
            let part = self.packets.insert(piece)
            self.packets[bytes: part].append(contentsOf: bytes[offset..<offset + length])
            self.launchToServer(part)
            offset += length
        } while offset < bytes.count
    }

    /// Sends something without bytes.
    mutating func sendFromClient(_ client: UInt32, _ kind: Packet.Kind, code: UInt16 = 0, flags: Packet.Flags = []) {
        let link = self.clients[Int(client)].link
        guard link != LinkTable.none, self.links[link].hasClientSide else { return }
        var packet = Packet(link: link, linkGeneration: self.links[link].generation, kind: kind)
        packet.code = code
        packet.flags = flags
        self.sendToServer(link, packet)
    }

    /// Something reaches a client.
    mutating func arriveAtClient(_ place: UInt32) {
        let packet = self.packets[place]
        let link = packet.link
        guard self.links.holds(link, packet.linkGeneration), self.links[link].hasClientSide else {
            return self.packets.remove(place)
        }
        let client = self.links[link].client
        if packet.kind == .frames, self.links[link].isReading, self.strikes(.stalledRead, on: client) {
            self.links[link].isReading = false
            self.clients[Int(client)].isStalled = true
            let wait = Interval(nanoseconds: self.clients[Int(client)].faults.number(0, 60_000_000_000))
            self.heap.push(
                .clientHeals, at: self.after(wait), subject: client, detail: self.clients[Int(client)].life)
        }
        guard self.links[link].isReading else { return self.append(place, to: \.heldByClient, of: link) }
        self.deliverToClient(place)
    }

    /// It reads again: what has arrived meanwhile is read.
    mutating func readOn(_ link: UInt32) {
        guard !self.links[link].isReading else { return }
        self.links[link].isReading = true
        let generation = self.links[link].generation
        while self.links.holds(link, generation), self.links[link].isReading,
            let place = self.takeFirst(of: \.heldByClient, of: link)
        {
            guard self.links[link].hasClientSide else {
                self.packets.remove(place)
                continue
            }
            self.deliverToClient(place)
        }
    }

    private mutating func deliverToClient(_ place: UInt32) {
        let packet = self.packets[place]
        let link = packet.link
        let client = self.links[link].client
        let index = Int(client)
        if self.trace.isOn { self.trace.say("client \(client) gets \(packet.kind)") }
        switch packet.kind {
        case .frames:
            self.framesReceived(place, link, client)
        case .upgraded:
            self.clients[index].core.transportOpened(at: self.clock.now)
        case .pong:
            self.clients[index].core.pongReceived(at: self.clock.now)
        case .refusal:
            let obeys = self.scenario.groups[Int(self.clients[index].group)].reconnect?.obeysServer ?? true
            let wait = packet.number == UInt32.max || !obeys ? nil : Interval.seconds(Int64(packet.number))
            self.abandonLink(of: client)
            self.clients[index].core.transportRefused(status: packet.code, retryAfter: wait, at: self.clock.now)
        case .close:
            self.measures.count(.closed(packet.code), client: client, at: self.clock.now)
            self.sendFromClient(client, .close, code: packet.code)
            self.abandonLink(of: client)
            self.clients[index].core.transportEnded(
                code: packet.code == 0 ? nil : packet.code, at: self.clock.now)
        case .end:
            if self.measures.isServed(client) {
                self.measures.count(.closed(CloseCode.abnormal.rawValue), client: client, at: self.clock.now)
            } else {
                self.measures.count(.dropped, client: client, at: self.clock.now)
            }
            self.abandonLink(of: client)
            self.clients[index].core.transportEnded(code: nil, at: self.clock.now)
        case .connect, .request, .message, .ping, .framingFault:
            break
        }
        self.packets.remove(place)
        self.performEffects(ofClient: client)
    }

    private mutating func framesReceived(_ place: UInt32, _ link: UInt32, _ client: UInt32) {
        let index = Int(client)
        let generation = self.links[link].generation
        self.links[link].outstandingByteCount -= self.packets[bytes: place].count
        self.scheduleWritable(link)
        var reader = FrameReader()
        // What the server writes was checked when it was written.
        while let frame = try? reader.next(self.packets[bytes: place].span) {
            if frame.opcode == .ping {
                self.sendFromClient(client, .pong)
                self.clients[index].core.pongReceived(at: self.clock.now)
            } else {
                self.clients[index].core.received(
                    self.packets[bytes: place].span.extracting(frame.payload.indices), at: self.clock.now)
            }
            self.currentMessage = (place, frame.payload)
            self.performEffects(ofClient: client)
            self.currentMessage = nil
            guard self.links.holds(link, generation), self.links[link].hasClientSide else { return }
        }
    }

    /// The client's socket is gone; the server is told as far as the network tells it.
    mutating func abandonLink(of client: UInt32) {
        let link = self.clients[Int(client)].link
        guard link != LinkTable.none else { return }
        self.clients[Int(client)].link = LinkTable.none
        guard self.links[link].hasClientSide, self.links[link].client == client else { return }
        self.sendEndToServer(link)
        self.links[link].hasClientSide = false
        self.releaseIfOver(link)
    }
}
