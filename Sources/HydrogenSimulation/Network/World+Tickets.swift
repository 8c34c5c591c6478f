import HydrogenCrypto
import HydrogenProtocol
import HydrogenShard

/// A ticket in a client's hands.
struct HeldTicket {
    var ticket: Ticket
    var text: String
    /// Of the server that gave it out.
    var life: UInt32
    /// How often a request with it was accepted.
    var acceptedCount = 0
    var tryCount = 0
}

/// Gives out the tickets of the simulated server, and knows the connections that wait for them.
struct SimulatedTickets {
    /// A client whose ticket is not known to every loop yet.
    struct Waiting {
        var ticket: UInt64
        var loopCount: Int
        var link: UInt32
        var linkGeneration: UInt32
        /// From then until the connection.
        var delay: Interval
    }

    /// Of the server that is up.
    var numbers = TicketNumbers()
    var waiting: [Waiting] = []
    /// Draws what tickets consist of.
    var entropy: Generator

    init(seed: UInt64) { self.entropy = Generator(seed: seed, stream: StreamOf.tickets) }
}

/// Clients that connect with tickets: a backend asks for one, and when every loop knows it, the client connects.
extension World {
    /// The plan of a client that needs a ticket.
    func ticketPlan(of client: UInt32) -> ClientGroup.TicketPlan? {
        guard case .ticket(let plan) = self.scenario.groups[Int(self.clients[Int(client)].group)].credential else { return nil }
        return plan
    }

    /// Gets a client the ticket that it needs, and connects it; false if it needs none.
    mutating func connectWithTicket(_ client: UInt32, _ link: UInt32) -> Bool {
        guard let plan = self.ticketPlan(of: client) else { return false }
        if plan.isTriedTwice, let held = self.clients[Int(client)].ticket, held.tryCount == 1 { return false }
        self.clients[Int(client)].ticket = nil
        // Nobody answers the backend: neither does its client get on.
        guard self.server.isUp, let ticket = self.issue(plan, to: client) else {
            self.sendEndToClient(link)
            return true
        }
        let delay = self.phase == .safety ? self.clients[Int(client)].choices.interval(plan.delay) : .zero
        self.tickets.waiting.append(
            SimulatedTickets.Waiting(
                ticket: ticket.number, loopCount: self.server.loops.count, link: link,
                linkGeneration: self.links[link].generation, delay: delay))
        for loop in self.server.loops.indices { self.post(.ticket(ticket, answer: {}), from: nil, to: loop) }
        return true
    }

    /// nil: a mailbox is full, as many tickets wait as may, or the backend's key is no good.
    private mutating func issue(_ plan: ClientGroup.TicketPlan, to client: UInt32) -> Ticket? {
        guard self.isGood(key: plan.key) else { return nil }
        guard self.server.places.reserveEverywhere(of: .events, except: nil) else { return nil }
        guard let number = self.tickets.numbers.next(at: self.clock.now) else {
            for loop in self.server.loops.indices { self.server.places.release(of: .events, at: loop) }
            return nil
        }
        var octets: [UInt8] = []
        self.tickets.entropy.append(32, to: &octets)
        let text = "ht_\(Base64URL.encode(octets.span))"
        let ticket = Ticket(
            number: number, digest: SHA256.hash(text.utf8.span), identity: plan.identity,
            permissions: plan.permissions, issuer: SHA256.hash(self.scenario.server.keys[plan.key].token.utf8.span),
            redeemBefore: self.clock.now + Ticket.validity, lifetime: plan.lifetime)
        self.clients[Int(client)].ticket = HeldTicket(ticket: ticket, text: text, life: self.server.life)
        if self.trace.isOn { self.trace.say("client \(client) has ticket \(ticket.number)") }
        return ticket
    }

    /// A loop knows a ticket: once all do, its client connects.
    mutating func ticketIsKnown(_ number: UInt64) {
        guard let place = self.tickets.waiting.firstIndex(where: { $0.ticket == number }) else { return }
        self.tickets.waiting[place].loopCount -= 1
        guard self.tickets.waiting[place].loopCount == 0 else { return }
        let waiting = self.tickets.waiting.remove(at: place)
        guard self.links.holds(waiting.link, waiting.linkGeneration), self.links[waiting.link].hasClientSide else { return }
        self.sendToServer(
            waiting.link, Packet(link: waiting.link, linkGeneration: waiting.linkGeneration, kind: .connect),
            after: waiting.delay)
    }

    /// The server is gone: no backend gets an answer.
    mutating func forgetTickets() {
        self.tickets.numbers = TicketNumbers()
        let waiting = self.tickets.waiting
        self.tickets.waiting.removeAll(keepingCapacity: true)
        for entry in waiting where self.links.holds(entry.link, entry.linkGeneration) { self.sendEndToClient(entry.link) }
    }

    /// The ticket that a client shows, if it has one.
    mutating func showTicket(of client: UInt32) -> String? {
        guard self.ticketPlan(of: client) != nil else { return nil }
        self.clients[Int(client)].ticket?.tryCount += 1
        return self.clients[Int(client)].ticket?.text
    }
}
