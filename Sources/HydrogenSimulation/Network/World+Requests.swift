import HydrogenProtocol
import HydrogenShard

/// What clients are called, and what they ask for.
extension World {
    /// The address of a client; each connection has a port of its own.
    func address(of client: UInt32) -> PeerAddress {
        let group = self.scenario.groups[Int(self.clients[Int(client)].group)]
        let plan = group.addresses
        let number = self.clients[Int(client)].numberInGroup / max(plan.clientsPerAddress, 1)
        let distance = UInt64(number) &* plan.step
        var address = plan.first
        if address.isIPv4 {
            address.low = 0xffff_0000_0000 | (address.low &+ distance) & 0xffff_ffff
        } else {
            address.high = address.high &+ distance
        }
        address.port = UInt16(truncatingIfNeeded: 1024 + self.clients[Int(client)].connectionCount % 60_000)
        return address
    }

    /// The request that a client sends.
    mutating func request(of client: UInt32) -> HandshakeRequest {
        let group = self.scenario.groups[Int(self.clients[Int(client)].group)]
        var request = HandshakeRequest(isGet: true, isHTTP11: true, path: self.configuration.path)
        request.host = "hydrogen.test"
        request.upgrade = "websocket"
        request.webSocketVersion = "13"
        request.webSocketKey = "dGhlIHNhbXBsZSBub25jZQ=="
        request.subprotocols = Subprotocol.hydrogen.rawValue
        request.origin = group.origin
        self.prove(client, group.credential, &request)
        if let ticket = self.showTicket(of: client) {
            request.subprotocols = "\(Subprotocol.hydrogen.rawValue), hydrogen.ticket.\(ticket)"
        }
        if case .malformed(let fault) = group.opening { Self.spoil(&request, fault) }
        return request
    }

    private func prove(_ client: UInt32, _ credential: ClientGroup.Credential, _ request: inout HandshakeRequest) {
        if case .wrong = credential { request.authorization = "Key hk_nobody" }
        if case .ticket = credential { return }
        guard let index = self.keyIndex(of: client) else { return }
        let token = self.scenario.server.keys[index].token
        if case .subprotocolKey = credential {
            let text = Base64URL.encode(token.utf8.span)
            request.subprotocols = "\(Subprotocol.hydrogen.rawValue), hydrogen.key.\(text)"
        } else {
            request.authorization = "Key \(token)"
        }
    }

    /// The key that a client, or its backend, shows, by its place in `ServerSetup.keys`; nil: none, or none that there is.
    func keyIndex(of client: UInt32) -> Int? {
        let group = self.scenario.groups[Int(self.clients[Int(client)].group)]
        let index: Int
        switch group.credential {
        case .key(let given), .subprotocolKey(let given): index = given
        case .keys(let first, let count): index = first + self.clients[Int(client)].numberInGroup % max(count, 1)
        case .ticket(let plan): index = plan.key
        case .none, .wrong: return nil
        }
        return self.scenario.server.keys.indices.contains(index) ? index : nil
    }

    /// Whether a client shows what opens the server: a key that is neither revoked nor expired, or nothing where nothing
    /// is asked for.
    func hasEntrance(_ client: UInt32) -> Bool {
        guard let index = self.keyIndex(of: client) else {
            let group = self.scenario.groups[Int(self.clients[Int(client)].group)]
            return group.credential == .none && self.scenario.server.anonymousPermissions != nil
        }
        return self.isGood(key: index)
    }

    /// Whether a key opens the server now.
    func isGood(key index: Int) -> Bool {
        if self.server.revokedKeys.contains(index) { return false }
        guard let expires = self.scenario.server.keys[index].expires else { return true }
        return self.clock.wall < expires
    }

    private static func spoil(_ request: inout HandshakeRequest, _ fault: ClientGroup.RequestFault) {
        switch fault {
        case .method: request.isGet = false
        case .version: request.isHTTP11 = false
        case .host: request.host = nil
        case .upgrade: request.upgrade = "h2c"
        case .webSocketKey: request.webSocketKey = "short"
        case .path: request.path += "elsewhere"
        case .webSocketVersion: request.webSocketVersion = "8"
        case .subprotocol: request.subprotocols = "soap"
        case .twoCredentials: request.authorization = "Key one, Key two"
        case .plainGet: request.upgrade = nil
        case .foreignOrigin: request.origin = "https://elsewhere.example"
        }
    }
}
