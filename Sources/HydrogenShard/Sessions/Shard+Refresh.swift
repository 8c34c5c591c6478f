import HydrogenProtocol

extension Shard {
    /// `refresh`: a new session token; with a new key of the same identity the connection goes on under that key.
    mutating func refresh(_ command: Command, _ bytes: Span<UInt8>) {
        if let key = command.data?.member("key", in: bytes) {
            guard let text = key.text else { return self.fail(command, bytes, .invalidData, "key must be a string") }
            if let refusal = self.adoptKey(text.decoded(in: bytes), slot: command.slot, at: command.now) {
                return self.fail(command, bytes, refusal)
            }
        }
        let session = self.connections[command.slot].session
        guard let token = SessionSecrets.token(&self.entropy) else { return self.fail(command, bytes, .busy) }
        self.sessions[session].tokens.add(token)
        var data: [UInt8] = []
        data.append("{\"token\":")
        data.append(jsonString: token.span)
        data.append(UInt8(ascii: "}"))
        self.succeed(command, bytes, data: data.span)
    }

    /// The connection goes on under another key of its identity.
    /// - Returns: why not.
    private mutating func adoptKey(_ token: [UInt8], slot: Int, at now: Moment) -> ErrorCode? {
        switch self.keys.grant(for: token.span, at: now.wall) {
        case .failure(let refusal):
            return refusal.code
        case .success(let grant):
            guard grant.identity == self.connections[slot].grant?.identity else { return .authenticationInvalid }
            self.connections[slot].grant = grant
            self.sessions[self.connections[slot].session].grant = grant
            self.watchExpiry(of: grant, slot: slot, at: now)
            return nil
        }
    }
}
