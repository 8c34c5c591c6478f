import HydrogenCrypto
import HydrogenHTTP
import HydrogenProtocol
import HydrogenShard
import HydrogenThreads

/// Gives tickets out: draws their texts, and tells every loop.
final class TicketOffice: Sendable {
    private let numbers = Guarded(TicketNumbers())
    private let desk: OperatorDesk

    /// What a ticket's text begins with.
    private static let prefix = "ht_"

    init(desk: OperatorDesk) { self.desk = desk }

    /// Makes a ticket, and answers once every loop knows it.
    func issue(
        _ wish: APITicket, for grant: Grant,
        _ completion: @escaping @Sendable (Result<String, APIRefusal>) -> Void
    ) {
        guard let issuer = grant.digest ?? grant.issuer else { return completion(.failure(APIRefusal(.forbidden))) }
        var text = Array(Self.prefix.utf8)
        var octets: [UInt8] = []
        let now = Clock.instant()
        guard (try? RandomBytes.append(32, to: &octets)) != nil, let number = self.numbers.withLock({ $0.next(at: now) }) else {
            return completion(.failure(APIRefusal(.busy)))
        }
        Base64URL.append(octets.span, to: &text)
        let ticket = Ticket(
            number: number, digest: SHA256.hash(text.span), identity: wish.identity, permissions: wish.permissions,
            issuer: issuer, redeemBefore: now + Ticket.validity, lifetime: wish.lifetime)
        let answer = String(decoding: text, as: UTF8.self)
        self.desk.askAll({ told in .ticket(ticket, answer: { told(()) }) }) { (told: [Void]?) in
            completion(told == nil ? .failure(APIRefusal(.busy)) : .success(answer))
        }
    }
}
