import HydrogenProtocol
import HydrogenShard

extension HandshakeRequest {
    /// The request without its secrets: whatever the shard makes of it, it makes of this one too.
    func masked(by mask: KeyMask) -> HandshakeRequest {
        var request = self
        request.authorization = self.authorization.map { Self.masked(authorization: $0, by: mask) }
        request.subprotocols = self.subprotocols.map { list in
            list.split(separator: ",", omittingEmptySubsequences: false)
                .map { Self.masked(offer: $0, by: mask) }
                .joined(separator: ",")
        }
        return request
    }

    /// A key becomes its pseudonym; credentials of another scheme are not ours to judge, nor to keep.
    private static func masked(authorization value: String, by mask: KeyMask) -> String {
        let parts = value.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard let scheme = parts.first, scheme.lowercased() == "key" else { return String(parts.first ?? "") }
        guard parts.count == 2 else { return value }
        let token = Self.trimmed(parts[1])
        // Two keys, or none: the shard reads neither.
        if token.utf8.contains(UInt8(ascii: ",")) { return "\(scheme) ," }
        return "\(scheme) \(Self.pseudonym(of: Array(token.utf8), by: mask))"
    }

    private static func masked(offer: Substring, by mask: KeyMask) -> String {
        let name = Self.trimmed(offer)
        if name.hasPrefix(Self.keyPrefix) {
            let letters = name.dropFirst(Self.keyPrefix.count)
            guard let token = Base64URL.decode(Array(letters.utf8).span) else { return Self.keyPrefix + "!" }
            return Self.keyPrefix + Base64URL.encode(Array(Self.pseudonym(of: token, by: mask).utf8).span)
        }
        if name.hasPrefix(Self.ticketPrefix) {
            let ticket = Array(name.dropFirst(Self.ticketPrefix.count).utf8)
            return Self.ticketPrefix + Self.pseudonym(of: ticket, by: mask)
        }
        return String(offer)
    }

    private static let keyPrefix = "hydrogen.key."
    private static let ticketPrefix = "hydrogen.ticket."

    private static func trimmed(_ text: Substring) -> Substring {
        let start = text.drop { $0 == " " || $0 == "\t" }
        guard let last = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
        return start[...last]
    }

    private static func pseudonym(of token: [UInt8], by mask: KeyMask) -> String {
        String(decoding: mask.pseudonym(of: token.span), as: UTF8.self)
    }
}
