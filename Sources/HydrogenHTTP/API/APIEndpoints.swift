import HydrogenProtocol
import HydrogenShard

/// The endpoints of the server API: each wants a key, and is there on loopback or over TLS alone.
struct APIEndpoints: Sendable {
    let api: ServerAPI

    /// Every endpoint, as Documentation/openapi.json describes it.
    var routes: [HTTPRoute] {
        [
            HTTPRoute(method: "POST", path: "/api/v1/publish") { head in
                // Each event is charged by itself.
                self.admit(head) { grant in self.publish(grant) }
            },
            self.administrative("POST", "/api/v1/disconnect") { request, grant, reply throws(APIRefusal) in
                try self.disconnect(request, grant, reply)
            },
            self.administrative("GET", "/api/v1/connections") { request, _, reply throws(APIRefusal) in
                try self.listConnections(request, reply)
            },
            self.administrative("GET", "/api/v1/sessions") { request, _, reply throws(APIRefusal) in
                try self.listSessions(request, reply)
            },
            self.administrative("GET", "/api/v1/blocks") { request, _, reply throws(APIRefusal) in
                try self.listBlocks(request, reply)
            },
            self.administrative("DELETE", "/api/v1/blocks/{address}") { request, grant, reply throws(APIRefusal) in
                try self.liftBlocks(request, grant, reply)
            },
            self.administrative("POST", "/api/v1/tickets") { request, grant, reply throws(APIRefusal) in
                try self.issueTicket(request, grant, reply)
            },
        ]
    }

    typealias Handler = @Sendable (HTTPRequest, Grant, @escaping HTTPReply) throws(APIRefusal) -> Void

    /// An endpoint for who has `system:admin`. A request counts as a message of its identity.
    private func administrative(_ method: String, _ path: String, _ handler: @escaping Handler) -> HTTPRoute {
        HTTPRoute(method: method, path: path) { head in
            self.admit(head) { grant in
                guard grant.isAdministrator else { return .answered(.refusal(APIRefusal(.forbidden))) }
                if let refusal = self.api.charge(grant, head.peer) { return .answered(.refusal(refusal)) }
                return .wanted { request, reply in
                    do throws(APIRefusal) {
                        try handler(request, grant, reply)
                    } catch {
                        reply(.refusal(error))
                    }
                }
            }
        }
    }

    /// Who asks, and from where. A wrong key is found out before a body is kept.
    private func admit(_ head: HTTPRequest, _ go: (Grant) -> HTTPAdmission) -> HTTPAdmission {
        let address = NetworkAddress(high: head.peer.high, low: head.peer.low)
        guard head.isSecure || address.isLoopback else {
            return .answered(
                .refusal(APIRefusal(.forbidden, "the server API is there on loopback or over TLS alone")))
        }
        switch self.api.authorize(Self.token(of: head), head.peer) {
        case .success(let grant): return go(grant)
        case .failure(let refusal): return .answered(.refusal(refusal))
        }
    }

    /// The token of `Authorization: Key …`; empty, which opens nothing, for what cannot be read; nil if there is none.
    private static func token(of head: HTTPRequest) -> [UInt8]? {
        guard let value = head.header("Authorization") else { return nil }
        switch HandshakeCredential.header(value) {
        case .key(let token): return token
        // Another scheme is not ours to judge.
        case nil, .some(.none): return nil
        case .ticket, .unreadable, .ambiguous: return []
        }
    }
}

/// The body of a request: a checked JSON text, and what it is.
struct APIBody {
    let bytes: [UInt8]
    let value: JSONValue

    init(_ request: HTTPRequest, maximumDepth: Int) throws(APIRefusal) {
        self.bytes = request.body
        do {
            self.value = try JSONScanner.validate(request.body.span, maxDepth: maximumDepth)
        } catch {
            throw error.kind == .tooDeep ? APIRefusal(.tooDeep) : APIRefusal(.malformedJSON)
        }
    }

    /// The members of the object that it must be.
    func members() throws(APIRefusal) -> [JSONMember] {
        guard var iterator = self.value.members else { throw APIRefusal(.notAnObject) }
        var members: [JSONMember] = []
        while let member = iterator.next(in: self.bytes.span) { members.append(member) }
        return members
    }

    func name(of member: JSONMember) -> String { member.name.string(in: self.bytes.span) }

    /// The string that a value must be.
    func string(_ value: JSONValue, _ message: StaticString) throws(APIRefusal) -> String {
        guard let text = value.text else { throw .invalid(message) }
        return text.string(in: self.bytes.span)
    }
}
