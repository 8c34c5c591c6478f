/// The client's side of the opening handshake (RFC 6455 §4.1).
struct ClientHandshake {
    /// What the server's answer came to.
    enum Answer: Equatable {
        /// The head is not whole yet.
        case incomplete
        /// Upgraded; messages begin at this offset.
        case upgraded(Int)
        /// The status line, and the body as far as it is here.
        case refused(String)
    }

    /// Sent with each connection: the nonce guards against proxies that answer from a cache, of which a load test has
    /// none, and one for all saves a hash for each. It is the example of RFC 6455 §1.3.
    private static let nonce = "dGhlIHNhbXBsZSBub25jZQ=="
    private static let accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

    /// No answer's head is longer.
    private static let maxHeadByteCount = 16_384

    /// The whole request.
    static func request(to target: BenchTarget, _ plan: BenchPlan) -> [UInt8] {
        var text = """
            GET \(target.path) HTTP/1.1\r
            Host: \(target.authority)\r
            Upgrade: websocket\r
            Connection: Upgrade\r
            Sec-WebSocket-Key: \(self.nonce)\r
            Sec-WebSocket-Version: 13\r\n
            """
        if let subprotocol = plan.subprotocol { text += "Sec-WebSocket-Protocol: \(subprotocol)\r\n" }
        if let key = plan.key { text += "Authorization: Key \(key)\r\n" }
        for header in plan.headers { text += "\(header.name): \(header.value)\r\n" }
        return Array((text + "\r\n").utf8)
    }

    /// Reads the server's answer.
    static func read(_ bytes: Span<UInt8>) -> Answer {
        guard let end = self.headEnd(in: bytes) else {
            return bytes.count < self.maxHeadByteCount ? .incomplete : .refused("the answer's head does not end")
        }
        let head = self.text(bytes.extracting(..<end))
        let lines = head.split(separator: "\r\n")
        let status = lines.first.map(String.init) ?? ""
        guard status.hasPrefix("HTTP/1.1 101") else {
            return .refused("\(status) \(self.text(bytes.extracting(end...)))")
        }
        let isAccepted = lines.contains { line in
            line.lowercased().hasPrefix("sec-websocket-accept:") && line.hasSuffix(self.accept)
        }
        return isAccepted ? .upgraded(end) : .refused("the answer has a wrong Sec-WebSocket-Accept")
    }

    /// Behind the empty line.
    private static func headEnd(in bytes: Span<UInt8>) -> Int? {
        guard bytes.count >= 4 else { return nil }
        for index in 3..<bytes.count
        where bytes[index] == 0x0a && bytes[index - 1] == 0x0d && bytes[index - 2] == 0x0a && bytes[index - 3] == 0x0d {
            return index + 1
        }
        return nil
    }

    private static func text(_ bytes: Span<UInt8>) -> String {
        var copy: [UInt8] = []
        for index in bytes.indices { copy.append(bytes[index]) }
        return String(decoding: copy, as: UTF8.self)
    }
}
