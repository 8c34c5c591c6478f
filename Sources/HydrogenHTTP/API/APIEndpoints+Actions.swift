import HydrogenProtocol
import HydrogenShard

extension APIEndpoints {
    /// `POST /api/v1/disconnect`: `{"session"|"identity"|"address","reason"?}`, exactly one of the three.
    func disconnect(_ request: HTTPRequest, _ grant: Grant, _ reply: @escaping HTTPReply) throws(APIRefusal) {
        let body = try APIBody(request, maximumDepth: self.api.maximumDepth)
        var selectors: [ConnectionSelector] = []
        var author = APIAuthor(identity: grant.identity, reason: nil)
        for member in try body.members() {
            switch body.name(of: member) {
            case "session":
                selectors.append(.session(try body.string(member.value, "session must be a string")))
            case "identity":
                selectors.append(.identity(try body.string(member.value, "identity must be a string")))
            case "address":
                let text = try body.string(member.value, "address must be an address in digits")
                guard let address = NetworkAddress(text) else { throw .invalid("address must be an address in digits") }
                selectors.append(.address(PeerAddress(high: address.high, low: address.low, port: 0)))
            case "reason":
                author.reason = try body.string(member.value, "reason must be a string")
            default:
                break
            }
        }
        guard let selector = selectors.first, selectors.count == 1 else {
            throw .invalid("exactly one of session, identity and address")
        }
        self.api.disconnect(selector, author) { count in
            reply(count.map { .count("disconnected", $0) } ?? .refusal(.busy))
        }
    }

    /// How long the connection of a ticket may last, in seconds.
    private static let lifetimes: ClosedRange<Int64> = 1...31_536_000

    /// `POST /api/v1/tickets`: `{"identity","permissions","expires_s"}`.
    func issueTicket(_ request: HTTPRequest, _ grant: Grant, _ reply: @escaping HTTPReply) throws(APIRefusal) {
        let body = try APIBody(request, maximumDepth: self.api.maximumDepth)
        var identity: String?
        var permissions: [PermissionPattern]?
        var seconds: Int64?
        for member in try body.members() {
            switch body.name(of: member) {
            case "identity":
                identity = try body.string(member.value, "identity must be a string")
            case "permissions":
                permissions = try Self.permissions(member.value, of: body)
            case "expires_s":
                seconds = member.value.integer(in: body.bytes.span)
                guard let seconds, Self.lifetimes.contains(seconds) else {
                    throw .invalid("expires_s must be a whole number from 1 to 31536000")
                }
            default:
                break
            }
        }
        guard let identity, EnvelopeID.isValid(Array(identity.utf8).span), identity != Self.anonymous else {
            throw .invalid("identity must be 1 to 128 bytes without control characters, and not anonymous")
        }
        guard let permissions else { throw .invalid("permissions must be a list of channel:action") }
        guard let seconds else { throw .invalid("expires_s must be a whole number from 1 to 31536000") }
        let ticket = APITicket(identity: identity, permissions: permissions, lifetime: .seconds(seconds))
        self.api.issueTicket(ticket, grant) { outcome in
            switch outcome {
            case .failure(let refusal): reply(.refusal(refusal))
            case .success(let text):
                var answer: [UInt8] = []
                answer.append("{\"ticket\":")
                answer.append(jsonString: text)
                answer.append("}\n")
                reply(.json(status: 200, answer))
            }
        }
    }

    /// The identity of connections without a key.
    private static let anonymous = "anonymous"
    /// Patterns of one ticket.
    private static let maximumPatternCount = 100

    private static func permissions(_ value: JSONValue, of body: APIBody) throws(APIRefusal) -> [PermissionPattern] {
        guard var elements = value.elements else { throw .invalid("permissions must be a list of channel:action") }
        var patterns: [PermissionPattern] = []
        while let element = elements.next(in: body.bytes.span) {
            let text = element.text?.decoded(in: body.bytes.span) ?? []
            guard let pattern = PermissionPattern(text.span), patterns.count < self.maximumPatternCount else {
                throw .invalid("permissions must be a list of at most 100 channel:action, each side a name or *")
            }
            patterns.append(pattern)
        }
        return patterns
    }
}
