import HydrogenShard

extension HandshakeRefusal {
    /// The whole HTTP/1.1 answer. After it the connection ends.
    ///
    /// - Parameter hasBody: false for HEAD, whose answer tells only how long the body would be.
    func response(hasBody: Bool) -> [UInt8] {
        var text = "HTTP/1.1 \(self.status) \(Self.reason(of: self.status))\r\n"
        for (name, value) in self.headers { text += "\(name): \(value)\r\n" }
        text += "Content-Type: application/json\r\nContent-Length: \(self.body.count)\r\nConnection: close\r\n\r\n"
        var response = [UInt8](text.utf8)
        if hasBody { response += self.body }
        return response
    }

    /// The reason phrase of a status (RFC 9110 §15), for people; "Refused" where the handshake knows none.
    private static func reason(of status: Int) -> String {
        switch status {
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 426: "Upgrade Required"
        case 429: "Too Many Requests"
        case 503: "Service Unavailable"
        default: "Refused"
        }
    }
}
