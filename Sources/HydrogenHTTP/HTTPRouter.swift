import HydrogenProtocol

/// One endpoint: what answers a method on a path. A route for GET answers HEAD too.
struct HTTPRoute: Sendable {
    var method: String
    var path: String
    var respond: @Sendable (HTTPRequest) -> HTTPResponse
}

/// The table of endpoints. A pure function from request to response: the daemon is not needed to try it.
struct HTTPRouter: Sendable {
    private let routes: [HTTPRoute]

    init(_ routes: [HTTPRoute]) { self.routes = routes }

    /// The answer of the route, 404 for another path, 405 for another method. For HEAD it has the body of GET, which the
    /// daemon counts and does not send.
    func respond(to request: HTTPRequest) -> HTTPResponse {
        let onPath = self.routes.filter { $0.path == request.path }
        if onPath.isEmpty {
            return .error(status: 404, .notFound, "There is nothing at this path.")
        }
        let method = request.method == "HEAD" ? "GET" : request.method
        guard let route = onPath.first(where: { $0.method == method }) else {
            let allowed = onPath.map { $0.method == "GET" ? "GET, HEAD" : $0.method }.joined(separator: ", ")
            return .error(
                status: 405, .unknownAction, "This path does not take that method.",
                headers: [(name: "Allow", value: allowed)])
        }
        return route.respond(request).compressed(for: request)
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
