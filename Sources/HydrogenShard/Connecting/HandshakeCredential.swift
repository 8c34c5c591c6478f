import HydrogenProtocol

/// What a request brings to say who it is: from `Authorization`, or from an extra offered sub-protocol, for browsers.
enum HandshakeCredential {
    case none
    case key([UInt8])
    /// Something that cannot be read, or a ticket that was never given out.
    case unreadable
    /// Two of a kind: which one counts cannot be said.
    case ambiguous

    private static let keyPrefix = "hydrogen.key."
    private static let ticketPrefix = "hydrogen.ticket."

    /// - Parameter offered: the sub-protocols that the client offers.
    init(authorization: String?, offered: [Substring]) {
        let keys = offered.filter { $0.hasPrefix(Self.keyPrefix) }
        let tickets = offered.filter { $0.hasPrefix(Self.ticketPrefix) }
        guard keys.count <= 1, tickets.count <= 1 else {
            self = .ambiguous
            return
        }
        if let authorization, let credential = Self.header(authorization) {
            self = credential
        } else if let key = keys.first {
            let text = Array(key.utf8.dropFirst(Self.keyPrefix.count))
            self = Base64URL.decode(text.span).map(Self.key) ?? .unreadable
        } else if !tickets.isEmpty {
            self = .unreadable
        } else {
            self = .none
        }
    }

    /// The credential of an `Authorization` header (RFC 9110 §11.6.2); nil for another scheme, which is not ours to judge.
    private static func header(_ value: String) -> HandshakeCredential? {
        let parts = value.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard let scheme = parts.first, scheme.lowercased() == "key" else { return nil }
        guard parts.count == 2 else { return .unreadable }
        let token = parts[1].trimmingSpaces()
        // The transport joins repeated headers by a comma, which no token holds.
        if token.utf8.contains(UInt8(ascii: ",")) { return .ambiguous }
        return .key(Array(token.utf8))
    }
}

extension Substring {
    /// Without the spaces and tabs around it (RFC 9110 §5.6.3).
    func trimmingSpaces() -> Substring {
        var text = self
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }
}
