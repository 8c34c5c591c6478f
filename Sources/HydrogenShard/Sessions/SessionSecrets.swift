import HydrogenProtocol

/// What a new session draws from the entropy.
struct SessionSecrets {
    var id: [UInt8]
    /// What the store calls the session.
    var key: SessionKey
    var token: SessionToken
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

    /// A new token; nil if there is too little entropy.
    static func token(_ entropy: inout EntropyPool) -> SessionToken? {
        entropy.take(32).map { SessionToken(random: $0.span) }
    }
}
