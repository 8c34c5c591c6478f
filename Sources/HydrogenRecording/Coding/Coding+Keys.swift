import HydrogenCrypto
import HydrogenProtocol
import HydrogenShard

extension PermissionPattern: Recordable {
    func encode(to encoder: inout RecordingEncoder) { encoder.append(self.text) }

    init(from decoder: inout RecordingDecoder) throws(RecordingFault) {
        guard let pattern = PermissionPattern(try decoder.text()) else { throw .malformed("a permission") }
        self = pattern
    }
}

extension Digest: Recordable {
    func encode(to encoder: inout RecordingEncoder) { self.append(to: &encoder.bytes) }

    init(from decoder: inout RecordingDecoder) throws(RecordingFault) {
        let octets = try decoder.data(Digest.byteCount)
        guard let digest = Digest(octets.span) else { throw .malformed("a digest") }
        self = digest
    }
}

/// The digest of a key's token: in a recording, that of its pseudonym.
struct RecordedKeyDigest: Recordable {
    var digest: Digest

    init(_ digest: Digest) { self.digest = digest }

    func encode(to encoder: inout RecordingEncoder) {
        encoder.append(encoder.mask.map { $0.digest(for: self.digest) } ?? self.digest)
    }

    init(from decoder: inout RecordingDecoder) throws(RecordingFault) { self.digest = try decoder.value() }
}

/// What a key allows. Of the key itself only the digest of its pseudonym.
struct RecordedGrant: Recordable {
    var grant: Grant

    init(_ grant: Grant) { self.grant = grant }

    func encode(to encoder: inout RecordingEncoder) {
        encoder.append(self.grant.identity)
        encoder.append(self.grant.permissions)
        encoder.append(self.grant.keyID)
        encoder.append(self.grant.expires)
        encoder.append(self.grant.isRevoked)
        encoder.append(self.grant.digest.map(RecordedKeyDigest.init))
        encoder.append(self.grant.issuer.map(RecordedKeyDigest.init))
    }

    init(from decoder: inout RecordingDecoder) throws(RecordingFault) {
        let identity = try decoder.text()
        let permissions = try decoder.array(of: PermissionPattern.self)
        let keyID = try decoder.text()
        let expires = try decoder.optional(WallTime.self)
        let isRevoked = try decoder.flag()
        let digest = try decoder.optional(RecordedKeyDigest.self)
        let issuer = try decoder.optional(RecordedKeyDigest.self)
        self.grant = Grant(
            identity: identity, permissions: permissions, keyID: keyID, expires: expires, isRevoked: isRevoked,
            digest: digest?.digest, issuer: issuer?.digest)
    }
}

/// Of the ticket itself only the digest of its pseudonym.
extension Ticket: Recordable {
    func encode(to encoder: inout RecordingEncoder) {
        encoder.append(self.number)
        encoder.append(RecordedKeyDigest(self.digest))
        encoder.append(self.identity)
        encoder.append(self.permissions)
        encoder.append(RecordedKeyDigest(self.issuer))
        encoder.append(self.redeemBefore)
        encoder.append(self.lifetime)
    }

    init(from decoder: inout RecordingDecoder) throws(RecordingFault) {
        self.init(
            number: try decoder.number(), digest: try decoder.value(RecordedKeyDigest.self).digest,
            identity: try decoder.text(), permissions: try decoder.array(),
            issuer: try decoder.value(RecordedKeyDigest.self).digest, redeemBefore: try decoder.instant(),
            lifetime: try decoder.value())
    }
}

/// All keys.
struct RecordedKeys: Recordable {
    var keys: KeyRing

    init(_ keys: KeyRing) { self.keys = keys }

    func encode(to encoder: inout RecordingEncoder) {
        encoder.append(self.keys.grants.map(RecordedGrant.init))
        encoder.append(self.keys.anonymous.map(RecordedGrant.init))
    }

    init(from decoder: inout RecordingDecoder) throws(RecordingFault) {
        let grants = try decoder.array(of: RecordedGrant.self)
        let anonymous = try decoder.optional(RecordedGrant.self)
        self.keys = KeyRing(grants: grants.map(\.grant), anonymous: anonymous?.grant)
    }
}
