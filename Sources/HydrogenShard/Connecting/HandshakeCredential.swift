import HydrogenProtocol

/// What a request brings to say who it is: from `Authorization`, or from an extra offered sub-protocol, for browsers.
package enum HandshakeCredential {
    case none
    case key([UInt8])
    /// What stands behind `hydrogen.ticket.`.
    case ticket([UInt8])
    /// Something that cannot be read.
    case unreadable
    /// Two of a kind: which one counts cannot be said.
    case ambiguous

    private static let keyPrefix: StaticString = "hydrogen.key."
    private static let ticketPrefix: StaticString = "hydrogen.ticket."

    /// - Parameter offered: the sub-protocols that the client offers.
    init(authorization: String?, offered: [Substring]) {
        let keys = offered.filter { $0.utf8.span.starts(with: Self.keyPrefix) }
        let tickets = offered.filter { $0.utf8.span.starts(with: Self.ticketPrefix) }
        guard keys.count <= 1, tickets.count <= 1 else {
            self = .ambiguous
            return
        }
        if let authorization, let credential = Self.header(authorization) {
            self = credential
        } else if let key = keys.first {
            let text = Array(key.utf8.dropFirst(Self.keyPrefix.utf8CodeUnitCount))
            self = Base64URL.decode(text.span).map(Self.key) ?? .unreadable
        } else if let ticket = tickets.first {
            self = .ticket(Array(ticket.utf8.dropFirst(Self.ticketPrefix.utf8CodeUnitCount)))
        } else {
            self = .none
        }
    }

    /// The credential of an `Authorization` header (RFC 9110 §11.6.2); nil for another scheme, which is not ours to judge.
    package static func header(_ value: String) -> HandshakeCredential? {
        // An array, since a string's bytes cost 20 times as much to look at.
        let bytes = Array(value.utf8)
        let schemeEnd = bytes.firstIndex(of: UInt8(ascii: " ")) ?? bytes.endIndex
        guard bytes[..<schemeEnd].elementsEqual("key".utf8, by: { $0 | 0x20 == $1 }) else { return nil }
        let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        var token = bytes[schemeEnd...].drop(while: isBlank)
        while let last = token.last, isBlank(last) { token.removeLast() }
        if token.isEmpty { return .unreadable }
        // The transport joins repeated headers by a comma, which no token holds.
        if token.contains(UInt8(ascii: ",")) { return .ambiguous }
        return .key(Array(token))
    }
}

extension Substring {
    /// Without the spaces and tabs around it (RFC 9110 §5.6.3). Byte by byte, as all of a header is read: characters cost
    /// a handshake 20,000 instructions.
    func trimmingSpaces() -> Substring {
        let bytes = self.utf8
        let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        let start = bytes.firstIndex { !isBlank($0) } ?? bytes.endIndex
        let end = bytes.lastIndex { !isBlank($0) }.map { bytes.index(after: $0) } ?? start
        return self[start..<end]
    }
}
