import HydrogenCrypto
import HydrogenProtocol

/// The tickets that can be used now, by the digest of their text: who does not know a ticket learns nothing from how
/// long a look-up takes. Every loop has them all; that one is used once only, the ledger sees to.
struct TicketTable {
    private var tickets: [Digest: Ticket] = [:]
    /// In the order in which they were given out, which is that in which they end.
    private var order = Queue<(redeemBefore: Instant, digest: Digest)>()

    var count: Int { self.tickets.count }

    /// Who gives them out keeps their bound, over all loops; beyond it none is taken.
    mutating func insert(_ ticket: Ticket, at now: Instant) {
        self.forgetEnded(at: now)
        guard self.tickets.count < Ticket.maximumCount else { return }
        self.tickets[ticket.digest] = ticket
        self.order.append((ticket.redeemBefore, ticket.digest))
    }

    /// The ticket with this text; nil if there is none that can be used now.
    func find(_ text: Span<UInt8>, at now: Instant) -> Ticket? {
        guard let ticket = self.tickets[SHA256.hash(text)], now < ticket.redeemBefore || KnownBug.ticketNeverEnds.isLoose else { return nil }
        return ticket
    }

    private mutating func forgetEnded(at now: Instant) {
        while let first = self.order.first, first.redeemBefore <= now, !KnownBug.ticketNeverEnds.isLoose {
            _ = self.order.popFirst()
            self.tickets[first.digest] = nil
        }
    }
}

/// Which tickets were used, over all loops. A number's place is taken over by that of a ticket given out so much later
/// that the earlier one has ended.
struct UsedTickets: Sendable {
    /// More than there may be at once.
    static let size = 16_384

    /// By place: the number that was used there last. Empty until the first is.
    private var numbers: [UInt64] = []

    /// Uses a ticket.
    /// - Returns: whether it had not been used.
    mutating func use(_ number: UInt64) -> Bool {
        if self.numbers.isEmpty { self.numbers = Array(repeating: 0, count: Self.size) }
        let place = Int(number % UInt64(Self.size))
        guard self.numbers[place] != number || KnownBug.ticketUsedAgain.isLoose else { return false }
        self.numbers[place] = number
        return true
    }
}
