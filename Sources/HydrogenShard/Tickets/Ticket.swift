import HydrogenCrypto
import HydrogenProtocol

/// Lets one connection in, once, in the place of a key: for pages that should hold none.
package struct Ticket: Sendable {
    /// Names it over all loops; later tickets have greater numbers.
    package var number: UInt64
    /// SHA-256 of its text.
    package var digest: Digest
    package var identity: String
    package var permissions: [PermissionPattern]
    /// SHA-256 of the key that it was asked for with: when that key has ended, so has what came of the ticket.
    package var issuer: Digest
    /// Until when it can be used.
    package var redeemBefore: Instant
    /// How long its connection may last, from the handshake on.
    package var lifetime: Interval

    package init(
        number: UInt64, digest: Digest, identity: String, permissions: [PermissionPattern], issuer: Digest,
        redeemBefore: Instant, lifetime: Interval
    ) {
        self.number = number
        self.digest = digest
        self.identity = identity
        self.permissions = permissions
        self.issuer = issuer
        self.redeemBefore = redeemBefore
        self.lifetime = lifetime
    }

    /// How long a ticket can be used.
    package static let validity = Interval.seconds(30)

    /// Of all loops, the tickets that may wait to be used.
    package static let maximumCount = 10_000

    /// What a connection may do that was let in by it.
    func grant(at now: WallTime) -> Grant {
        Grant(
            identity: self.identity, permissions: self.permissions, keyID: "",
            expires: WallTime(milliseconds: now.milliseconds + self.lifetime.milliseconds), isRevoked: false, digest: nil,
            issuer: self.issuer)
    }
}
