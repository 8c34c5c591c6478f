/// Whether a page of this origin may connect (RFC 6455 §10.2): what keeps a browser's other pages out.
enum OriginCheck {
    /// - Parameters:
    ///   - allowed: exact `scheme://host[:port]`, or `*`; nil when the configuration says nothing.
    ///   - hasKey: a page that was given a key was given it for this server.
    static func passes(_ origin: String?, host: String?, allowed: [String]?, hasKey: Bool) -> Bool {
        guard let origin else { return true }
        if let allowed {
            return origin != "null" && (allowed.contains(origin) || allowed.contains("*"))
        }
        return hasKey || self.isSame(origin, host: host)
    }

    /// Whether the origin's host and port are those of the request's `Host`.
    private static func isSame(_ origin: String, host: String?) -> Bool {
        guard let host, let authority = Authority(origin: origin) else { return false }
        return authority == Authority(host, defaultPort: authority.defaultPort)
    }

    /// A host and its port.
    private struct Authority: Equatable {
        var host: String
        var port: String
        var defaultPort: String

        init?(origin: String) {
            if origin.hasPrefix("https://") {
                self.init(String(origin.dropFirst(8)), defaultPort: "443")
            } else if origin.hasPrefix("http://") {
                self.init(String(origin.dropFirst(7)), defaultPort: "80")
            } else {
                return nil
            }
        }

        init(_ text: String, defaultPort: String) {
            self.defaultPort = defaultPort
            // The colons of an IPv6 address stand in brackets.
            let afterAddress = text.lastIndex(of: "]") ?? text.startIndex
            if let colon = text[afterAddress...].lastIndex(of: ":") {
                self.host = text[..<colon].lowercased()
                self.port = String(text[text.index(after: colon)...])
            } else {
                self.host = text.lowercased()
                self.port = defaultPort
            }
        }
    }
}
