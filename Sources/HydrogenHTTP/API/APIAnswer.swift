import HydrogenProtocol

extension ErrorCode {
    /// The HTTP status that says the same.
    var httpStatus: UInt16 {
        switch self {
        case .authenticationMissing, .authenticationInvalid, .authenticationExpired, .authenticationRevoked: 401
        case .forbidden, .connectionBlocked, .authenticationOrigin: 403
        case .notFound, .unknownChannel, .unknownAction, .path: 404
        case .conflict: 409
        case .tooLarge: 413
        case .connectionRateLimited: 429
        case .timeout: 504
        default: self.isRetryable || self == .failed ? 503 : 400
        }
    }
}

extension HTTPResponse {
    /// `{"error":{…}}`, with the status and the headers that go with it.
    static func refusal(_ refusal: APIRefusal) -> HTTPResponse {
        let error = refusal.error
        var headers: [(name: String, value: String)] = []
        let status = error.code.httpStatus
        if status == 401 { headers.append((name: "WWW-Authenticate", value: "Key")) }
        if let milliseconds = error.retryAfterMilliseconds {
            headers.append((name: "Retry-After", value: "\(max(1, (milliseconds + 999) / 1_000))"))
        }
        var body: [UInt8] = []
        body.append(refusal)
        body.append("\n")
        return .json(status: status, headers: headers, body)
    }

    /// `{"name":count}`.
    static func count(_ name: StaticString, _ count: Int) -> HTTPResponse {
        var body: [UInt8] = []
        body.append("{\"")
        body.append(name)
        body.append("\":")
        body.append(decimal: Int64(count))
        body.append("}\n")
        return .json(status: 200, body)
    }
}

extension [UInt8] {
    /// Appends `{"error":{…}}`.
    mutating func append(_ refusal: APIRefusal) {
        self.append("{\"error\":")
        refusal.error.append(to: &self)
        self.append(UInt8(ascii: "}"))
    }
}

extension APIRefusal {
    /// A loop's mailbox has no place now.
    static let busy = APIRefusal(.busy)

    static func invalid(_ message: StaticString) -> APIRefusal { APIRefusal(.invalidData, message) }
}
