import HydrogenProtocol

/// Whose request a proxy passes on.
enum ForwardedAddress {
    /// The rightmost entry of `X-Forwarded-For` that is no trusted proxy: what stands left of it, its sender may have
    /// made up. Each trusted proxy is believed about the one before it.
    ///
    /// Without the header the proxy speaks for itself. If all entries are trusted, the leftmost is the client. An entry
    /// that is no address (`unknown`) leaves the request with the proxy that wrote it.
    /// - Parameters:
    ///   - peer: a trusted proxy.
    ///   - header: repeated ones joined with ", ".
    static func client(behind peer: PeerAddress, _ header: String?, _ policy: LimitPolicy) -> PeerAddress {
        var client = peer
        guard let header else { return client }
        for entry in header.split(separator: ",", omittingEmptySubsequences: false).reversed() {
            guard let address = self.address(entry.trimmingSpaces()) else { return client }
            client = address
            guard policy.trusts(client) else { return client }
        }
        return client
    }

    /// An address, as proxies write it: bare, with a port, or in brackets.
    private static func address(_ entry: Substring) -> PeerAddress? {
        var text = entry
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]") else { return nil }
            text = text[text.index(after: text.startIndex)..<end]
        } else if let colon = text.firstIndex(of: ":"), text.lastIndex(of: ":") == colon {
            text = text[..<colon]
        }
        return NetworkAddress(text).map { PeerAddress(high: $0.high, low: $0.low, port: 0) }
    }
}
