import HydrogenProtocol

/// What the transport read of an HTTP request, as sent. A header that came more than once is joined with ", ".
package struct HandshakeRequest: Sendable {
    package var isGet: Bool
    /// True for HTTP/1.1.
    package var isHTTP11: Bool
    /// Without the query, which is never read: no token is taken from a URL.
    package var path: String
    package var host: String?
    package var upgrade: String?
    package var webSocketVersion: String?
    package var webSocketKey: String?
    package var subprotocols: String?
    package var authorization: String?
    package var origin: String?
    package var forwardedFor: String?
    /// The subject of the client's certificate, as RFC 4514 writes it; nil without a certificate that was verified.
    package var certificateSubject: String?

    package init(isGet: Bool, isHTTP11: Bool, path: String) {
        self.isGet = isGet
        self.isHTTP11 = isHTTP11
        self.path = path
    }
}

/// The answer to a request.
package enum HandshakeDecision: Sendable {
    case accept(Subprotocol)
    case refuse(HandshakeRefusal)
    /// End the transport without an answer.
    case drop
}

/// What a connection speaks after the upgrade.
package enum Subprotocol: String, Sendable {
    case hydrogen = "hydrogen-protocol"
    /// Messages come back unchanged; offered only with `DiagnosticEcho`.
    case echo
}

/// An HTTP answer other than 101: the transport adds `Content-Type: application/json`, `Content-Length` and
/// `Connection: close`.
package struct HandshakeRefusal: Sendable {
    package var status: Int
    package var code: ErrorCode
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]

    package init(status: Int, code: ErrorCode, headers: [(name: String, value: String)], body: [UInt8]) {
        self.status = status
        self.code = code
        self.headers = headers
        self.body = body
    }
}
