import HydrogenProtocol

/// Gives a request its answer, at once or later, from any thread, and once.
typealias HTTPReply = @Sendable (HTTPResponse) -> Void

/// What an endpoint makes of the head of a request.
enum HTTPAdmission: Sendable {
    /// This is the answer: a body is read and dropped.
    case answered(HTTPResponse)
    /// The endpoint wants the whole request, of a bounded size.
    case wanted(@Sendable (HTTPRequest, @escaping HTTPReply) -> Void)
}

/// One endpoint: what answers a method on a path. A route for GET answers HEAD too.
struct HTTPRoute: Sendable {
    var method: String
    /// With `{…}` as its last segment: any one segment there.
    var path: String
    var admit: @Sendable (HTTPRequest) -> HTTPAdmission

    /// An endpoint that answers at once.
    init(method: String, path: String, respond: @escaping @Sendable (HTTPRequest) -> HTTPResponse) {
        self.init(method: method, path: path, admit: { .answered(respond($0)) })
    }

    init(method: String, path: String, admit: @escaping @Sendable (HTTPRequest) -> HTTPAdmission) {
        self.method = method
        self.path = path
        self.admit = admit
    }

    fileprivate func matches(_ path: String) -> Bool {
        guard self.path.hasSuffix("}"), let brace = self.path.lastIndex(of: "{") else { return path == self.path }
        let prefix = self.path[..<brace]
        guard path.hasPrefix(prefix) else { return false }
        let segment = path.dropFirst(prefix.count)
        return !segment.isEmpty && !segment.contains("/")
    }
}

/// The table of endpoints: which one a request is for.
struct HTTPRouter: Sendable {
    private let routes: [HTTPRoute]

    init(_ routes: [HTTPRoute]) { self.routes = routes }

    /// What becomes of a request, by its head: 404 for a path that there is not, 405 for a method that it does not take.
    /// For HEAD the answer has the body of GET, which the daemon counts and does not send.
    func admit(_ head: HTTPRequest) -> HTTPAdmission {
        let onPath = self.routes.filter { $0.matches(head.path) }
        if onPath.isEmpty {
            return .answered(.error(status: 404, .notFound, "There is nothing at this path."))
        }
        let method = head.method == "HEAD" ? "GET" : head.method
        guard let route = onPath.first(where: { $0.method == method }) else {
            let allowed = onPath.map { $0.method == "GET" ? "GET, HEAD" : $0.method }.joined(separator: ", ")
            return .answered(
                .error(
                    status: 405, .unknownAction, "This path does not take that method.",
                    headers: [(name: "Allow", value: allowed)]))
        }
        switch route.admit(head) {
        case .answered(let response): return .answered(response.compressed(for: head))
        case .wanted(let handle):
            return .wanted { request, reply in
                handle(request) { response in reply(response.compressed(for: request)) }
            }
        }
    }
}

extension HTTPResponse {
    /// Below this many bytes a compressed body is not worth its work.
    private static let leastCompressedByteCount = 1_024

    /// The same in gzip if the request asks for it and the body is long enough.
    fileprivate func compressed(for request: HTTPRequest) -> HTTPResponse {
        if self.body.count < Self.leastCompressedByteCount { return self }
        var response = self
        response.vary(on: "Accept-Encoding")
        guard acceptsGzip(request.header("Accept-Encoding")), let body = gzip(self.body) else { return response }
        response.headers.append((name: "Content-Encoding", value: "gzip"))
        response.body = body
        return response
    }
}

extension HTTPResponse {
    /// Says that the answer depends on this header of the request (RFC 9110 §12.5.5).
    fileprivate mutating func vary(on header: String) {
        if let index = self.headers.firstIndex(where: { $0.name == "Vary" }) {
            self.headers[index].value += ", \(header)"
        } else {
            self.headers.append((name: "Vary", value: header))
        }
    }
}
