import HydrogenProtocol

extension HydrogenClient {
    /// Subscribes to events of a channel, and returns when the server has taken the subscription. It is kept over lost
    /// connections, and made again in each new session.
    ///
    /// - Parameters:
    ///   - topic: Which actions: `*` stands for one segment, `**` as the last for one or more.
    ///   - filter: The JSON text of a filter on the data, such as `{"printer": 3, "progress": {"gte": 50}}`.
    ///   - guaranteed: Each event is kept for this client until it is acknowledged, also while it is away.
    ///   - priority: That of the events for this client.
    ///   - conflate: Of the events of an action, only the latest of each such interval.
    ///   - conflateBy: The same for each value of this member of the data.
    /// - Throws: `.refused` with the server's error, `.closed`.
    public func subscribe(
        channel: String, topic: String, filter: String? = nil, guaranteed: Bool = false, priority: Priority? = nil,
        conflate: Duration? = nil, conflateBy: String? = nil, acknowledges: Acknowledgement = .automatically
    ) async throws(Failure) -> Subscription {
        let interest = RouteInterest(
            channel: Array(channel.utf8), pattern: try Self.pattern(topic), filter: try filter.map(Self.filter))
        var data: [UInt8] = []
        data.append("{\"topic\":")
        data.append(jsonString: topic)
        if let filter {
            data.append(",\"filter\":")
            data.append(contentsOf: filter.utf8)
        }
        if guaranteed { data.append(",\"guaranteed\":true") }
        if let priority {
            data.append(",\"priority\":")
            data.append(jsonString: priority.rawValue)
        }
        if let conflate {
            data.append(",\"conflate_ms\":")
            data.append(decimal: Interval(conflate).milliseconds)
        }
        if let conflateBy {
            data.append(",\"conflate_by\":")
            data.append(jsonString: conflateBy)
        }
        data.append(UInt8(ascii: "}"))
        return try await self.subscribe(channel, data, interest, acknowledges).0
    }

    /// A subscription as its JSON text is, kept as any other, with the answer of the server. Its events go to those who
    /// take them from `events`.
    package func subscribe(channel: String, json: [UInt8]) async throws(Failure) -> (Subscription, Response) {
        try await self.subscribe(channel, json, nil, .automatically)
    }

    /// Every event that reaches the session, whatever subscription it is for: also what is sent to every session. It
    /// asks nothing of the server.
    public func events(acknowledges: Acknowledgement = .automatically) -> Subscription {
        let buffer = EventBuffer(capacity: self.options.maxBufferedEvents)
        let route = self.handle.newRoute()
        if let interest = RouteInterest.everything { self.handle.post(.addRoute(route, interest, buffer)) }
        return Subscription(buffer, route: route, handle: self.handle, acknowledges: acknowledges)
    }

    private func subscribe(
        _ channel: String, _ data: [UInt8], _ interest: RouteInterest?, _ acknowledges: Acknowledgement
    ) async throws(Failure) -> (Subscription, Response) {
        let buffer = EventBuffer(capacity: self.options.maxBufferedEvents)
        let route = self.handle.newRoute()
        let subscription = Subscription(buffer, route: route, handle: self.handle, acknowledges: acknowledges)
        let response = try await withCheckedContinuation { reply in
            self.handle.post(
                .subscribe(
                    SubscribeRequest(
                        route: route, channel: channel, data: data, interest: interest, buffer: buffer, reply: reply)))
        }.get()
        return (subscription, response)
    }

    private static func pattern(_ topic: String) throws(Failure) -> TopicPattern {
        do throws(TopicPattern.Fault) {
            return try TopicPattern(topic)
        } catch {
            throw .invalidTopic
        }
    }

    private static func filter(_ text: String) throws(Failure) -> Filter {
        let bytes = Array(text.utf8)
        guard let value = try? JSONScanner.validate(bytes.span, maxDepth: JSONScanner.greatestDepth) else {
            throw .invalidFilter("not JSON")
        }
        do throws(Filter.Fault) {
            return try Filter(value, in: bytes.span)
        } catch {
            throw .invalidFilter("\(error)")
        }
    }
}
