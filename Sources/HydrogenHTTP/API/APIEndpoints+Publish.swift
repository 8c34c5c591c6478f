import HydrogenProtocol
import HydrogenShard
import HydrogenThreads

extension APIEndpoints {
    /// Events in one request.
    static let maximumEventCount = 1_000

    /// `POST /api/v1/publish`: an event, or an array of them.
    func publish(_ grant: Grant) -> HTTPAdmission {
        guard grant.mayPublish else { return .answered(.refusal(APIRefusal(.forbidden))) }
        return .wanted { request, reply in
            do throws(APIRefusal) {
                let body = try APIBody(request, maximumDepth: self.api.maximumDepth)
                guard var elements = body.value.elements else {
                    return self.publish(body.value, of: body, grant, request.peer) { reply(Self.response(to: $0)) }
                }
                var values: [JSONValue] = []
                while let value = elements.next(in: body.bytes.span) {
                    values.append(value)
                    guard values.count <= Self.maximumEventCount else {
                        throw APIRefusal.invalid("at most 1,000 events are taken at once")
                    }
                }
                self.publish(values, of: body, grant, request.peer, reply)
            } catch {
                reply(.refusal(error))
            }
        }
    }

    /// Several events: each has its own outcome.
    private func publish(
        _ values: [JSONValue], of body: APIBody, _ grant: Grant, _ peer: PeerAddress, _ reply: @escaping HTTPReply
    ) {
        guard !values.isEmpty else { return reply(Self.response(to: [])) }
        let outcomes = Guarded(PublishOutcomes(count: values.count))
        for (index, value) in values.enumerated() {
            self.publish(value, of: body, grant, peer) { outcome in
                // The last one tells what came of all.
                if let all = outcomes.withLock({ $0.set(outcome, at: index) }) { reply(Self.response(to: all)) }
            }
        }
    }

    /// One event: permission and existence as for a client's publish, then its form.
    private func publish(
        _ value: JSONValue, of body: APIBody, _ grant: Grant, _ peer: PeerAddress,
        _ completion: @escaping @Sendable (APIPublished) -> Void
    ) {
        if let refusal = self.api.charge(grant, peer) { return completion(.refused(refusal)) }
        do throws(APIRefusal) {
            self.api.publish(try self.event(value, of: body, grant), grant, completion)
        } catch {
            completion(.refused(error))
        }
    }

    private func event(_ value: JSONValue, of body: APIBody, _ grant: Grant) throws(APIRefusal) -> APIEvent {
        let bytes = body.bytes.span
        guard value.kind == .object else { throw .invalid("an event is an object") }
        guard let name = value.member("channel", in: bytes)?.text, name.withBytes(in: bytes, ChannelName.isValid) else {
            throw .invalid("channel must be the name of a channel")
        }
        let isPermitted = name.withBytes(in: bytes) { grant.permits(channel: $0, action: "publish".utf8.span) }
        guard isPermitted, !name.equals("system", in: bytes) else { throw APIRefusal(.forbidden) }
        guard value.range.count <= self.api.maximumEventBytes else { throw APIRefusal(.tooLarge) }
        let request: PublishRequest
        do throws(InvalidData) {
            request = try PublishRequest(value, in: bytes)
        } catch {
            throw .invalid(error.message)
        }
        if request.audience == .all, !grant.isAdministrator { throw APIRefusal(.forbidden) }
        let data = request.data.map { bytes.withBytes($0) { [UInt8]($0) } } ?? Array("{}".utf8)
        return APIEvent(channel: name.string(in: bytes), request: request, data: data)
    }

    private static func response(to outcome: APIPublished) -> HTTPResponse {
        if case .refused(let refusal) = outcome { return .refusal(refusal) }
        var body: [UInt8] = []
        body.append(outcome)
        body.append("\n")
        return .json(status: 200, body)
    }

    private static func response(to outcomes: [APIPublished]) -> HTTPResponse {
        var body: [UInt8] = []
        body.append("{\"results\":[")
        for (index, outcome) in outcomes.enumerated() {
            if index > 0 { body.append(UInt8(ascii: ",")) }
            body.append(outcome)
        }
        body.append("]}\n")
        return .json(status: 200, body)
    }
}

/// What came of the events of a request, in their order.
private struct PublishOutcomes: Sendable {
    private var outcomes: [APIPublished?]
    private var missingCount: Int

    init(count: Int) {
        self.outcomes = Array(repeating: nil, count: count)
        self.missingCount = count
    }

    /// - Returns: all of them, once none is missing.
    mutating func set(_ outcome: APIPublished, at index: Int) -> [APIPublished]? {
        if self.outcomes[index] == nil { self.missingCount -= 1 }
        self.outcomes[index] = outcome
        return self.missingCount == 0 ? self.outcomes.compactMap(\.self) : nil
    }
}

extension [UInt8] {
    /// Appends `{"event","receivers"?}` or `{"error"}`.
    fileprivate mutating func append(_ outcome: APIPublished) {
        switch outcome {
        case .refused(let refusal):
            self.append(refusal)
        case .accepted(let event, let receivers):
            self.append("{\"event\":")
            self.append(jsonString: event)
            if let receivers {
                self.append(",\"receivers\":")
                self.append(decimal: Int64(receivers))
            }
            self.append(UInt8(ascii: "}"))
        }
    }
}

extension Grant {
    /// Whether it may publish on any channel at all.
    fileprivate var mayPublish: Bool { self.permissions.contains { $0.allows(action: "publish".utf8.span) } }
}
