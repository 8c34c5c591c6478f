import HydrogenClientCore
import HydrogenProtocol
import HydrogenShard

/// What the oracle of guaranteed delivery is told, and asked.
extension World {
    /// How long a link counts as held up after it waited for its socket.
    private static let heldUpFor = Interval.seconds(1)

    /// What is written now may have waited for the socket of its link.
    func isHeldUp(_ link: UInt32) -> Bool {
        let heldUpAt = self.links[link].heldUpAt
        return heldUpAt >= 0 && self.clock.now.nanoseconds - heldUpAt < Self.heldUpFor.nanoseconds
    }

    /// The server's end of a link is gone.
    mutating func noteDetached(_ link: UInt32) {
        guard self.links[link].delivery.session != 0 else { return }
        self.delivery.left(self.links[link].delivery, on: link, at: self.clock.now)
        let detached = self.server.value(ofMetric: self.server.metrics.sessions[ShardMetrics.SessionState.detached.rawValue])
        if detached + 1 >= self.configuration.sessions.maxDetached { self.delivery.isCrowded = true }
    }

    /// The server is gone, and with it everything that its store does not have.
    mutating func noteCrash() {
        guard self.durable != nil else {
            self.events.removeAll()
            self.delivery.removeAll()
            return
        }
        self.events.crashed(lastCalm: self.delivery.calm.lastCalm(at: self.clock.now))
        self.delivery.crashed(self.events.publishes, at: self.clock.now)
    }

    /// A client's core hands a guaranteed event to its application.
    mutating func noteGuaranteed(_ reference: EventReference, _ publish: UInt32?, of client: UInt32) {
        let index = Int(client)
        guard let session = self.clients[index].core.session else { return }
        let last = self.clients[index].received
        let fault = self.delivery.received(publish, offset: reference.offset, after: last, of: session.id)
        if let fault { self.violate(6, fault, client: client) }
        self.clients[index].received = max(last, reference.offset)
    }

    /// Whether a client need not be told of offsets that it never got: another that had its session acknowledged them, or
    /// was told of them before it acknowledged a later one; the others it was told of itself.
    func isAcknowledged(_ gap: OffsetGap, _ client: UInt32) -> Bool {
        let link = self.clients[Int(client)].link
        guard let id = self.clients[Int(client)].core.session?.id else { return false }
        // Of one that ended while this was on its way nothing is known any more.
        guard let session = self.delivery[self.delivery.number(of: id)] else { return true }
        let told = session.isShared && link != LinkTable.none ? self.links[link].delivery.gaps : []
        return (gap.from...gap.to).allSatisfy { offset in
            session.isAcknowledged(offset) || told.contains { $0.from <= offset && offset <= $0.to }
        }
    }

    /// Rule 6: everything that is owed has come.
    mutating func sweepDelivery() {
        self.delivery.expire(at: self.clock.now)
        for session in self.delivery.order {
            guard let link = self.delivery[session]?.link, link != LinkTable.none, self.takesEvents(link),
                let fault = self.delivery.overdue(
                    session, heldUpAt: max(self.links[link].heldUpAt, self.lastStoreTrouble), self.events.publishes,
                    at: self.clock.now)
            else { continue }
            self.violate(6, fault, client: self.links[link].client)
        }
    }

    /// From when on what is answered over a link now survives a crash, if the store is calm then. What waited for its
    /// socket may have been answered while the store failed.
    func keptFrom(_ link: UInt32) -> Int64 {
        let now = self.clock.now
        return self.isHeldUp(link) ? (now + StoreCalm.recovery).nanoseconds : self.delivery.calm.keptFrom(at: now)
    }

    /// When the store may have held something up last; -1: never.
    var lastStoreTrouble: Int64 { self.delivery.calm.lastTrouble(at: self.clock.now) }

    /// Whether nothing but the window of its session holds up what is written to a link.
    private func takesEvents(_ link: UInt32) -> Bool {
        guard self.links[link].hasServerSide, self.links[link].grammar.phase == .open,
            !self.links[link].isPartiallyBuffered, !self.links[link].wantsWritable
        else { return false }
        return self.mirror.kind(of: self.links[link].id, at: self.links[link].loop).isInService
    }

    /// Rule 6, at the end of the liveness phase: who is served has everything.
    mutating func checkEverythingIsDelivered() {
        for client in self.clients.indices where self.clients[client].core.kind.isInService {
            guard let session = self.clients[client].core.session,
                let fault = self.delivery.missing(session.id, self.events.publishes, at: self.clock.now)
            else { continue }
            self.violate(6, fault, client: UInt32(client))
        }
    }
}
