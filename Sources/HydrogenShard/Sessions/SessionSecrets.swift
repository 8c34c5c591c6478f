import HydrogenProtocol

/// What a new session draws from the entropy.
struct SessionSecrets {
    var id: [UInt8]
    /// What the store calls the session.
    var key: SessionKey
    var token: [UInt8]
    var signingKey: SigningKey

    /// nil if there is too little entropy.
    init?(_ entropy: inout EntropyPool) {
        guard let id = entropy.take(16), let token = Self.token(&entropy), let key = entropy.take(SigningKey.byteCount)
        else { return nil }
        self.key = SessionKey(bits: id.prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
        self.id = id
        self.token = token
        self.signingKey = SigningKey(key)
    }

    /// A token: `hs_` and 32 random bytes; nil if there is too little entropy.
    static func token(_ entropy: inout EntropyPool) -> [UInt8]? {
        guard let bytes = entropy.take(32) else { return nil }
        var token = Array("hs_".utf8)
        Base64URL.append(bytes.span, to: &token)
        return token
    }
}
