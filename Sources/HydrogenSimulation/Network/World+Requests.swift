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
    func request(of client: UInt32) -> HandshakeRequest {
        let group = self.scenario.groups[Int(self.clients[Int(client)].group)]
        var request = HandshakeRequest(isGet: true, isHTTP11: true, path: self.configuration.path)
        request.host = "hydrogen.test"
        request.upgrade = "websocket"
        request.webSocketVersion = "13"
        request.webSocketKey = "dGhlIHNhbXBsZSBub25jZQ=="
        request.subprotocols = Subprotocol.hydrogen.rawValue
        request.origin = group.origin
        self.prove(client, group.credential, &request)
        if case .malformed(let fault) = group.opening { Self.spoil(&request, fault) }
        return request
    }

    private func prove(_ client: UInt32, _ credential: ClientGroup.Credential, _ request: inout HandshakeRequest) {
        let keys = self.scenario.server.keys
        switch credential {
        case .key(let index):
            if keys.indices.contains(index) { request.authorization = "Key \(keys[index].token)" }
        case .keys(let first, let count):
            let index = first + self.clients[Int(client)].numberInGroup % max(count, 1)
            if keys.indices.contains(index) { request.authorization = "Key \(keys[index].token)" }
        case .subprotocolKey(let index):
            guard keys.indices.contains(index) else { return }
            let text = Base64URL.encode(keys[index].token.utf8.span)
            request.subprotocols = "\(Subprotocol.hydrogen.rawValue), hydrogen.key.\(text)"
        case .none:
            break
        case .wrong:
            request.authorization = "Key hk_nobody"
        }
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
