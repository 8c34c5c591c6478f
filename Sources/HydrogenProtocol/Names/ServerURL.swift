/// Where a server is: `ws://host[:port][/path][?query]` or `wss://…`.
package struct ServerURL: Sendable, Hashable {
    package var isSecure: Bool
    /// A name or an address; IPv6 without its brackets.
    package var host: String
    package var port: UInt16
    /// From the slash on, with the query.
    package var target: String

    /// nil for anything else, also for one that holds a user name: the key is never part of a URL.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
            bytes[colon...].starts(with: "://".utf8), !bytes.contains(where: { $0 <= 0x20 || $0 == 0x7f })
        else { return nil }
        switch String(decoding: bytes[..<colon], as: UTF8.self).lowercased() {
        case "ws": self.isSecure = false
        case "wss": self.isSecure = true
        default: return nil
        }
        let rest = bytes[(colon + 3)...]
        let end = rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") }
        let authority = rest[..<(end ?? rest.endIndex)]
        let target = rest[(end ?? rest.endIndex)...].prefix { $0 != UInt8(ascii: "#") }
        let slash = target.first == UInt8(ascii: "/") ? "" : "/"
        self.target = slash + String(decoding: target, as: UTF8.self)
        guard !authority.contains(UInt8(ascii: "@")), let (host, port) = Self.split(authority) else { return nil }
        self.host = host
        self.port = port ?? (self.isSecure ? 443 : 80)
    }

    /// What the header `Host` says.
    package var authority: String {
        let name = self.host.utf8.contains(UInt8(ascii: ":")) ? "[\(self.host)]" : self.host
        return self.port == (self.isSecure ? 443 : 80) ? name : "\(name):\(self.port)"
    }

    /// Splits `host[:port]`; the colons of an IPv6 address stand in brackets.
    private static func split(_ authority: ArraySlice<UInt8>) -> (host: String, port: UInt16?)? {
        var host = authority
        var port: ArraySlice<UInt8>?
        let afterAddress = authority.lastIndex(of: UInt8(ascii: "]")) ?? authority.startIndex
        if let colon = authority[afterAddress...].lastIndex(of: UInt8(ascii: ":")) {
            host = authority[..<colon]
            port = authority[(colon + 1)...]
        }
        if host.first == UInt8(ascii: "["), host.last == UInt8(ascii: "]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty, !host.contains(UInt8(ascii: "[")), !host.contains(UInt8(ascii: "]")) else { return nil }
        guard let port else { return (String(decoding: host, as: UTF8.self), nil) }
        guard let number = UInt16(String(decoding: port, as: UTF8.self)), number > 0,
            port.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") })
        else { return nil }
        return (String(decoding: host, as: UTF8.self), number)
    }
}
