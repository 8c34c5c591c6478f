import HydrogenShard

/// A request whose head has been read.
package struct HTTPRequest: Sendable {
    package var method: String
    /// Without the query, percent-decoded.
    package var path: String
    /// In the order in which they came.
    package var headers: [(name: String, value: String)]
    /// The parameters of the query, percent-decoded, in the order in which they came.
    package var query: [(name: String, value: String)] = []
    /// Who sent it.
    package var peer = PeerAddress(high: 0, low: 0, port: 0)
    /// Whether it came over TLS.
    package var isSecure = false
    /// Empty while only the head is here.
    package var body: [UInt8] = []

    package init(method: String, path: String, headers: [(name: String, value: String)] = []) {
        self.method = method
        self.path = path
        self.headers = headers
    }

    /// The value of a header, nil if there is none; several of one name are one list (RFC 9110 §5.3).
    package func header(_ name: String) -> String? {
        let values = self.headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
        return values.isEmpty ? nil : values.joined(separator: ", ")
    }
}

/// The answer to a request.
package struct HTTPResponse: Sendable {
    package var status: UInt16
    /// Beside `Content-Length`, `Date` and `Connection`, which the daemon writes.
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]

    package init(status: UInt16, contentType: String, headers: [(name: String, value: String)] = [], body: [UInt8]) {
        self.status = status
        self.headers = [("Content-Type", contentType), ("X-Content-Type-Options", "nosniff")] + headers
        self.body = body
    }

    /// One line of text for a probe or a person.
    static func text(status: UInt16, _ line: String) -> HTTPResponse {
        HTTPResponse(
            status: status, contentType: "text/plain; charset=utf-8", headers: [noStore], body: Array((line + "\n").utf8))
    }

    /// A document in JSON.
    static func json(status: UInt16, headers: [(name: String, value: String)] = [], _ body: [UInt8]) -> HTTPResponse {
        HTTPResponse(status: status, contentType: "application/json", headers: [noStore] + headers, body: body)
    }

    /// For what is another thing at the next request.
    static let noStore = (name: "Cache-Control", value: "no-store")
}
