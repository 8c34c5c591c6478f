import HydrogenProtocol

/// Where a web page comes from (RFC 6454), as a browser writes it: `scheme://host[:port]`.
package struct Origin: Sendable, Equatable {
    package let scheme: String
    /// A name, an IPv4 address, or an IPv6 address in brackets.
    package let host: String
    /// Nil: the scheme's own.
    package let port: Int?

    /// Nil for anything else, a path or a final slash among it.
    package init?(_ text: String) {
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")), text[colon...].hasPrefix("://") else {
            return nil
        }
        self.scheme = String(text[..<colon])
        guard Self.isScheme(self.scheme) else { return nil }
        let authority = text[text.utf8.index(colon, offsetBy: 3)...]
        var host = authority
        var port: Int?
        let hostEnd = authority.last(where: { $0 == "]" || $0 == ":" })
        if hostEnd == ":", let mark = authority.lastIndex(of: ":") {
            let digits = authority[authority.index(after: mark)...]
            guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(digits),
                (1...65_535).contains(number)
            else { return nil }
            port = number
            host = authority[..<mark]
        }
        self.host = String(host)
        self.port = port
        guard Self.isHost(self.host) else { return nil }
    }

    /// Whether no browser ever sends it so: capital letters, or a port that goes without saying.
    package var isNeverSent: Bool {
        let isDefaultPort = (self.scheme == "https" && self.port == 443) || (self.scheme == "http" && self.port == 80)
        return isDefaultPort || (self.scheme + self.host).utf8.contains { (0x41...0x5a).contains($0) }
    }

    private static func isScheme(_ text: String) -> Bool {
        guard let first = text.utf8.first, self.isLetter(first) else { return false }
        return text.utf8.allSatisfy {
            self.isLetter($0) || (0x30...0x39).contains($0) || [0x2b, 0x2d, 0x2e].contains($0)
        }
    }

    private static func isHost(_ text: String) -> Bool {
        if text.hasPrefix("["), text.hasSuffix("]") {
            guard let address = NetworkAddress(String(text.dropFirst().dropLast())) else { return false }
            return !address.isIPv4
        }
        guard !text.isEmpty, text.utf8.count <= 253 else { return false }
        return text.utf8.allSatisfy {
            self.isLetter($0) || (0x30...0x39).contains($0) || [0x2d, 0x2e, 0x5f].contains($0)
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte | 0x20) }
}
