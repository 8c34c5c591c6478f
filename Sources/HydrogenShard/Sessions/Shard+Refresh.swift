import HydrogenProtocol

extension Shard {
    /// `refresh`: a new session token; with a new key of the same identity the connection goes on under that key.
    mutating func refresh(_ command: Command, _ bytes: Span<UInt8>) {
        var grant: Grant?
        if let key = command.data?.member("key", in: bytes) {
            guard let text = key.text else { return self.fail(command, bytes, .invalidData, "key must be a string") }
            switch self.grant(of: text.decoded(in: bytes), for: command) {
            case .failure(let refusal): return self.fail(command, bytes, refusal.code)
            case .success(let found): grant = found
            }
        }
        if let grant {
            self.connections[command.slot].grant = grant
            self.watchExpiry(of: grant, slot: command.slot, at: command.now)
        }
        self.perform(.refresh(grant), command, bytes)
    }

    /// The grant of another key, which must be of the connection's identity.
    private func grant(of token: [UInt8], for command: Command) -> Result<Grant, KeyRefusal> {
        self.keys.grant(for: token.span, at: command.now.wall).flatMap { grant in
            grant.identity == self.connections[command.slot].grant?.identity ? .success(grant) : .failure(.invalid)
        }
    }

    mutating func refresh(_ session: UInt32, _ grant: Grant?) -> SessionOutcome {
        guard let token = SessionSecrets.token(&self.entropy) else { return .init(.failure(ResponseError(.busy))) }
        self.sessions[session].tokens.add(token)
        if let grant {
            self.sessions[session].grant = grant
            self.dropForbiddenSubscriptions(of: session)
        }
        self.note(session) { $0.isRecord = true }
        var data: [UInt8] = []
        data.append("{\"token\":")
        data.append(jsonString: token.text.span)
        data.append(UInt8(ascii: "}"))
        return .init(.success(data))
    }
}
