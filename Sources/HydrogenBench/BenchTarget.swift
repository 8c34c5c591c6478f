import Glibc

/// A server's URL, looked up: `ws://host[:port][/path]` or `wss://…`.
package struct BenchTarget: Sendable {
    package let isSecure: Bool
    package let host: String
    package let port: UInt16
    /// With the query.
    package let path: String
    /// The first address of the host, as the system's calls take it.
    let address: [UInt8]

    package init(_ url: String) throws(BenchError) {
        guard let scheme = url.range(before: "://") else { throw .url(url) }
        switch url[scheme].lowercased() {
        case "ws": self.isSecure = false
        case "wss": self.isSecure = true
        default: throw .url(url)
        }
        let rest = url[scheme.upperBound...].dropFirst(3)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let target = rest[authority.endIndex...]
        self.path = target.hasPrefix("/") ? String(target) : "/" + target

        // The colons of an IPv6 address stand in brackets.
        let afterAddress = authority.lastIndex(of: "]") ?? authority.startIndex
        let colon = authority[afterAddress...].lastIndex(of: ":")
        let name = authority[..<(colon ?? authority.endIndex)]
        self.host = String(name.hasPrefix("[") && name.hasSuffix("]") ? name.dropFirst().dropLast() : name)
        if let colon {
            guard let port = UInt16(authority[authority.index(after: colon)...]) else { throw .url(url) }
            self.port = port
        } else {
            self.port = self.isSecure ? 443 : 80
        }
        guard !self.host.isEmpty, !authority.contains("@") else { throw .url(url) }
        self.address = try Self.lookUp(self.host, self.port)
    }

    /// What the `Host` header says.
    var authority: String {
        let name = self.host.contains(":") ? "[\(self.host)]" : self.host
        return self.port == (self.isSecure ? 443 : 80) ? name : "\(name):\(self.port)"
    }

    private static func lookUp(_ host: String, _ port: UInt16) throws(BenchError) -> [UInt8] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(host, "\(port)", &hints, &list) == 0, let first = unsafe list else {
            throw .unknownHost(host)
        }
        defer { unsafe freeaddrinfo(first) }
        return unsafe Array(
            UnsafeRawBufferPointer(start: first.pointee.ai_addr, count: Int(first.pointee.ai_addrlen)))
    }
}

extension String {
    /// What stands before a separator.
    fileprivate func range(before separator: String) -> Range<String.Index>? {
        var index = self.startIndex
        while index < self.endIndex {
            if self[index...].hasPrefix(separator) { return self.startIndex..<index }
            index = self.index(after: index)
        }
        return nil
    }
}

/// What the system says of a code of `errno`.
func errorText(_ code: Int32) -> String {
    guard let text = unsafe strerror(code) else { return "error \(code)" }
    return unsafe String(cString: text)
}
