import HydrogenCrypto
import HydrogenProtocol

/// What a connection is allowed to do, and as whom.
package final class Grant: Sendable {
    package let identity: String
    package let permissions: [PermissionPattern]
    /// The key's id; empty for `anonymous`.
    package let keyID: String
    package let expires: WallTime?
    package let isRevoked: Bool
    /// SHA-256 of the key's token; nil for `anonymous`.
    package let digest: Digest?
    /// For what came of a ticket: SHA-256 of the token of the key that it was given out for.
    package let issuer: Digest?

    package init(
        identity: String, permissions: [PermissionPattern], keyID: String, expires: WallTime?, isRevoked: Bool,
        digest: Digest?, issuer: Digest? = nil
    ) {
        self.identity = identity
        self.permissions = permissions
        self.keyID = keyID
        self.expires = expires
        self.isRevoked = isRevoked
        self.digest = digest
        self.issuer = issuer
    }

    package func permits(channel: Span<UInt8>, action: Span<UInt8>) -> Bool {
        for pattern in self.permissions where pattern.matches(channel: channel, action: action) { return true }
        return false
    }
}

/// All keys, found by the SHA-256 of their token: who does not know a token learns nothing from how long a look-up takes.
package final class KeyRing: Sendable {
    /// In the order of the key file.
    package let grants: [Grant]
    private let grantsByDigest: [Digest: Grant]
    private let grantsByIdentity: [String: [Grant]]
    /// For connections without a key; nil while one is required.
    package let anonymous: Grant?

    package init(grants: [Grant], anonymous: Grant?) {
        var table: [Digest: Grant] = [:]
        for grant in grants {
            if let digest = grant.digest { table[digest] = grant }
        }
        self.grants = grants
        self.grantsByDigest = table
        self.grantsByIdentity = Dictionary(grouping: grants, by: \.identity)
        self.anonymous = anonymous
    }

    /// The grant of a token.
    package func grant(for token: Span<UInt8>, at now: WallTime) -> Result<Grant, KeyRefusal> {
        guard let grant = self.grantsByDigest[SHA256.hash(token)] else { return .failure(.invalid) }
        if let refusal = Self.refusal(of: grant, at: now) { return .failure(refusal) }
        return .success(grant)
    }

    /// The grant of a client that shows a certificate in the place of a key: that of the keys whose identity is its
    /// subject. nil if there is none.
    package func grant(ofSubject subject: String, at now: WallTime) -> Result<Grant, KeyRefusal>? {
        guard let known = self.grantsByIdentity[subject], let last = known.last else { return nil }
        for grant in known where Self.refusal(of: grant, at: now) == nil { return .success(grant) }
        return .failure(Self.refusal(of: last, at: now) ?? .invalid)
    }

    /// The key of this digest, or another of the same identity: one that is good now, or else one that may be prolonged;
    /// nil if the identity has none. What was made without a key of its own is there for the anonymous alone: a
    /// ticket's session ends with the process.
    package func grant(restoring digest: Digest?, identity: String, at now: WallTime) -> Grant? {
        guard let digest else { return self.anonymous?.identity == identity ? self.anonymous : nil }
        let known = self.grantsByIdentity[identity]?.filter { !$0.isRevoked } ?? []
        let good = known.filter { Self.refusal(of: $0, at: now) == nil }
        return good.first { $0.digest == digest } ?? good.first ?? known.first
    }

    /// The grant that takes the place of one given by an earlier ring; nil when that key has ended. What came of a
    /// ticket goes on until it expires, as long as the key that the ticket was given out for does.
    package func successor(of grant: Grant, at now: WallTime) -> Grant? {
        if let issuer = grant.issuer {
            guard let key = self.grantsByDigest[issuer], Self.refusal(of: key, at: now) == nil else { return nil }
            return Self.refusal(of: grant, at: now) == nil ? grant : nil
        }
        guard let digest = grant.digest else { return self.anonymous }
        guard let successor = self.grantsByDigest[digest], Self.refusal(of: successor, at: now) == nil
        else { return nil }
        return successor
    }

    /// The first key of an identity that is good now; nil if it has none.
    package func grant(ofIdentity identity: String, at now: WallTime) -> Grant? {
        if let anonymous = self.anonymous, anonymous.identity == identity { return anonymous }
        return self.grantsByIdentity[identity]?.first { Self.refusal(of: $0, at: now) == nil }
    }

    /// Whether somebody may come back under this grant's identity: it has a key that was not revoked, be it expired, or
    /// may be given another ticket.
    package func mayReturn(_ grant: Grant) -> Bool {
        let identity = grant.identity
        if let issuer = grant.issuer, self.grantsByDigest[issuer]?.isRevoked == false { return true }
        return identity == self.anonymous?.identity || self.grantsByIdentity[identity]?.contains { !$0.isRevoked } == true
    }

    private static func refusal(of grant: Grant, at now: WallTime) -> KeyRefusal? {
        if grant.isRevoked { return .revoked }
        if let expires = grant.expires, expires <= now { return .expired }
        return nil
    }
}

/// Why a token opens nothing.
package enum KeyRefusal: Error, Sendable {
    case invalid, expired, revoked

    package var code: ErrorCode {
        switch self {
        case .invalid: .authenticationInvalid
        case .expired: .authenticationExpired
        case .revoked: .authenticationRevoked
        }
    }
}
