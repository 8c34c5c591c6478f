import HydrogenCrypto
import HydrogenProtocol

/// A key as the server knows it: whom it names, what it may do, and the hash by which its token is found.
package struct KeyRecord: Sendable, Equatable {
    /// Names the record, for `hydrogen key revoke`.
    package var id: String
    package var identity: String
    /// Patterns `channel:action`, each side a name or `*`.
    package var permissions: [String]
    package var created: WallTime
    /// From this time on the key is refused; nil: it never expires.
    package var expires: WallTime?
    package var isRevoked: Bool
    /// The SHA-256 of the token's text.
    package var digest: Digest

    package init(
        id: String, identity: String, permissions: [String], created: WallTime, expires: WallTime?, isRevoked: Bool,
        digest: Digest
    ) {
        self.id = id
        self.identity = identity
        self.permissions = permissions
        self.created = created
        self.expires = expires
        self.isRevoked = isRevoked
        self.digest = digest
    }

    /// The permissions, ready to be asked.
    package var patterns: [PermissionPattern] { self.permissions.compactMap { PermissionPattern($0) } }

    /// Whether a text can be an identity: 1 to 128 bytes without control characters, and not the one of connections
    /// without a key.
    package static func isIdentity(_ text: String) -> Bool {
        EnvelopeID.isValid(text.utf8.span) && text != self.anonymousIdentity
    }

    /// The identity of a connection without a key.
    package static let anonymousIdentity = "anonymous"
}

/// A secret that is shown once, when it is made: `hk_` and 32 random bytes in base64url.
package struct KeyToken: Sendable {
    package static let prefix = "hk_"
    package static let byteCount = 32

    package let text: String

    /// Draws a new one.
    package init() throws(RandomnessUnavailable) {
        var octets: [UInt8] = []
        try RandomBytes.append(Self.byteCount, to: &octets)
        var text = Array(Self.prefix.utf8)
        Base64URL.append(octets.span, to: &text)
        self.text = String(decoding: text, as: UTF8.self)
    }

    /// What a record keeps of it.
    package var digest: Digest { SHA256.hash(self.text.utf8.span) }
}
