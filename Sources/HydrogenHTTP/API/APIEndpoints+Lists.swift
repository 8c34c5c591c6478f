import HydrogenProtocol
import HydrogenShard

/// Pages of connections, sessions and blocks: `?limit=100&after=ID` gives `{"items":[…],"next":ID or null}`.
extension APIEndpoints {
    /// What `limit` may be, and what it is where nothing is said.
    private static let limits = 1...1_000
    private static let usualLimit = 100

    func listConnections(_ request: HTTPRequest, _ reply: @escaping HTTPReply) throws(APIRefusal) {
        let (limit, after) = try self.page(request)
        let start = try after.map { text throws(APIRefusal) in try self.place(afterConnection: text) } ?? APIPlace()
        // One more than is shown tells whether there are more.
        self.api.connections(start, limit + 1) { found in
            reply(Self.list(found, limit: limit, next: { $0.listID }) { $0.append($1) })
        }
    }

    func listSessions(_ request: HTTPRequest, _ reply: @escaping HTTPReply) throws(APIRefusal) {
        let (limit, after) = try self.page(request)
        let start = try after.map { text throws(APIRefusal) in try self.place(afterSession: text) } ?? APIPlace()
        self.api.sessions(start, limit + 1) { found in
            reply(Self.list(found, limit: limit, next: { "\($0.id).\($0.slot)" }) { $0.append($1) })
        }
    }

    func listBlocks(_ request: HTTPRequest, _ reply: @escaping HTTPReply) throws(APIRefusal) {
        let (limit, after) = try self.page(request)
        self.api.blocks { found in
            // There are few, and loops set them in no order.
            let sorted = found?.sorted { $0.listID < $1.listID }
            let rest = sorted?.filter { block in after.map { block.listID > $0 } ?? true }
            reply(Self.list(rest, limit: limit, next: { $0.listID }) { $0.append($1) })
        }
    }

    func liftBlocks(_ request: HTTPRequest, _ grant: Grant, _ reply: @escaping HTTPReply) throws(APIRefusal) {
        let text = request.path.dropFirst("/api/v1/blocks/".count)
        guard let address = NetworkAddress(text) else { throw .invalid("the address must be in digits") }
        let author = APIAuthor(identity: grant.identity, reason: nil)
        self.api.liftBlocks(PeerAddress(high: address.high, low: address.low, port: 0), author) { count in
            switch count {
            case nil: reply(.refusal(.busy))
            case 0: reply(.refusal(APIRefusal(.notFound)))
            case .some(let count): reply(.count("removed", count))
            }
        }
    }

    /// The limit, and what the page comes after.
    private func page(_ request: HTTPRequest) throws(APIRefusal) -> (limit: Int, after: String?) {
        var (limit, after) = (Self.usualLimit, String?.none)
        for (name, value) in request.query {
            switch name {
            case "limit":
                guard let number = Int(value), Self.limits.contains(number), "\(number)" == value else {
                    throw .invalid("limit must be from 1 to 1000")
                }
                limit = number
            case "after":
                after = value
            default:
                // As in messages: unknown members are ignored.
                break
            }
        }
        return (limit, after)
    }

    /// `loop.slot.generation`.
    private func place(afterConnection text: String) throws(APIRefusal) -> APIPlace {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let loop = Int(parts[0]), let slot = UInt32(parts[1]), UInt32(parts[2]) != nil,
            loop >= 0
        else { throw .invalid("after must be the id of a connection") }
        return APIPlace(loop: loop, slot: Int(slot) + 1)
    }

    /// The id of a session, behind which `next` has its slot, for when the session is gone.
    private func place(afterSession text: String) throws(APIRefusal) -> APIPlace {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard let id = parts.first, parts.count <= 2,
            let loop = SessionID.home(of: Array(id.utf8).span, loopCount: max(1, self.api.loopCount))
        else { throw .invalid("after must be the id of a session") }
        var place = APIPlace(loop: loop, session: String(id))
        if parts.count == 2 {
            guard let slot = UInt32(parts[1]) else { throw .invalid("after must be the id of a session") }
            place.slot = Int(slot) + 1
        }
        return place
    }

    private static func list<Item>(
        _ found: [Item]?, limit: Int, next: (Item) -> String, _ append: (inout [UInt8], Item) -> Void
    ) -> HTTPResponse {
        guard let found else { return .refusal(.busy) }
        let items = found.prefix(limit)
        var body: [UInt8] = []
        body.append("{\"items\":[")
        for (index, item) in items.enumerated() {
            if index > 0 { body.append(UInt8(ascii: ",")) }
            append(&body, item)
        }
        body.append("],\"next\":")
        if found.count > limit, let last = items.last {
            body.append(jsonString: next(last))
        } else {
            body.append("null")
        }
        body.append("}\n")
        return .json(status: 200, body)
    }
}
