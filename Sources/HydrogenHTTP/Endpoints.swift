import HydrogenMetrics

/// The endpoints that need no key.
func openEndpoints(_ source: HTTPSource, version: String) -> [HTTPRoute] {
    let index = HTTPResponse.index(version: version)
    return [
        HTTPRoute(method: "GET", path: "/") { _ in index },
        HTTPRoute(method: "GET", path: "/metrics") { request in
            let format = preferredFormat(request.header("Accept"))
            return HTTPResponse(
                status: 200, contentType: format.contentType,
                headers: [HTTPResponse.noStore, (name: "Vary", value: "Accept")], body: source.metrics(format))
        },
        HTTPRoute(method: "GET", path: "/-/healthy") { _ in .text(status: 200, "healthy") },
        HTTPRoute(method: "GET", path: "/-/ready") { _ in
            switch source.readiness() {
            case .ready: .text(status: 200, "ready")
            case .notReady(let reason): .text(status: 503, reason)
            }
        },
        HTTPRoute(method: "GET", path: "/status") { _ in .json(status: 200, source.status()) },
    ]
}
