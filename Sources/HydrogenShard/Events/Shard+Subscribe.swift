import HydrogenProtocol

extension Shard {
    /// `subscribe`: the same again gives the same id.
    mutating func subscribe(_ command: Command, _ bytes: Span<UInt8>) {
        let request: SubscribeRequest
        let pattern: TopicPattern
        var filter: Filter?
        do throws(InvalidData) {
            request = try SubscribeRequest(
                command.data, in: bytes, maxFilterBytes: self.configuration.maxFilterBytes)
            pattern = try Self.pattern(request.topic)
            filter = try Self.filter(request.filter)
        } catch {
            return self.fail(command, bytes, .invalidData, error.message)
        }
        self.connections[command.slot].hasUsedSession = true
        self.perform(.subscribe(channel: command.channel, request, pattern, filter), command, bytes)
    }

    mutating func subscribe(
        _ session: UInt32, to channel: Int, _ request: SubscribeRequest, _ pattern: TopicPattern, _ filter: Filter?
    ) -> SessionOutcome {
        for slot in self.sessions[session].subscriptions
        where self.subscriptions[slot].channel == channel && self.subscriptions[slot].request == request {
            return .init(.success(Self.subscribedData(self.subscriptions[slot].number)))
        }
        guard self.sessions[session].subscriptions.count < self.configuration.maxSubscriptions else {
            return .init(.failure(ResponseError(.conflict, message: "too many subscriptions")))
        }
        let number = self.sessions[session].nextSubscriptionNumber
        self.sessions[session].nextSubscriptionNumber += 1
        self.add(request, pattern, filter, number: number, channel: channel, to: session)
        self.note(session) { changes in
            changes.isRecord = true
            changes.newSubscriptions.append(number)
        }
        return .init(.success(Self.subscribedData(number)), subscription: number)
    }

    mutating func add(
        _ request: SubscribeRequest, _ pattern: TopicPattern, _ filter: Filter?, number: Int, channel: Int,
        to session: UInt32
    ) {
        let slot = self.subscriptions.insert(
            Subscription(
                session: session, channel: channel, number: number, pattern: pattern, filter: filter,
                priority: request.priority,
                conflation: request.conflateInterval.map { Conflation(interval: $0, member: request.conflateBy) },
                request: request))
        self.sessions[session].subscriptions.append(slot)
        self.channels[channel].topics.insert(slot, under: pattern)
        self.counters.add(self.metrics.subscriptions[channel])
    }

    private static func subscribedData(_ number: Int) -> [UInt8] {
        var data: [UInt8] = []
        data.append("{\"subscription\":\"sub-")
        data.append(decimal: Int64(number))
        data.append("\"}")
        return data
    }

    /// `unsubscribe`: by the id of a subscription, or all of this channel with a topic.
    mutating func unsubscribe(_ command: Command, _ bytes: Span<UInt8>) {
        let id = command.data?.member("subscription", in: bytes)
        let topic = command.data?.member("topic", in: bytes)
        guard (id == nil) != (topic == nil), let text = (id ?? topic)?.text else {
            return self.fail(command, bytes, .invalidData, "either subscription or topic must be a string")
        }
        let wanted = text.decoded(in: bytes)
        self.perform(
            .unsubscribe(channel: command.channel, id != nil ? .id(wanted) : .topic(wanted)), command, bytes)
    }

    mutating func unsubscribe(
        _ session: UInt32, from channel: Int, _ doomed: SessionCommand.Doomed
    ) -> SessionOutcome {
        let slots = self.sessions[session].subscriptions.filter { slot in
            guard self.subscriptions[slot].channel == channel else { return false }
            return switch doomed {
            case .id(let id): Array(self.subscriptions[slot].id.utf8) == id
            case .topic(let topic): self.subscriptions[slot].request.topic == topic
            }
        }
        for slot in slots { self.removeSubscription(slot) }
        var data: [UInt8] = []
        data.append("{\"removed\":")
        data.append(decimal: Int64(slots.count))
        data.append(UInt8(ascii: "}"))
        return .init(.success(data))
    }

    /// Ends the subscriptions that a session's grant permits no longer: it goes on under another key, or under what a
    /// reload has left of its own.
    mutating func dropForbiddenSubscriptions(of session: UInt32) {
        let grant = self.sessions[session].grant
        for slot in self.sessions[session].subscriptions {
            let channel = self.subscriptions[slot].channel
            if grant.permits(channel: self.channels[channel].name.span, action: "subscribe".utf8.span) { continue }
            self.removeSubscription(slot)
        }
    }

    /// Takes a subscription out of its session, its topic and the deadlines.
    mutating func removeSubscription(_ slot: UInt32) {
        let (session, channel) = (self.subscriptions[slot].session, self.subscriptions[slot].channel)
        self.sessions[session].subscriptions.removeAll { $0 == slot }
        self.channels[channel].topics.remove(slot, under: self.subscriptions[slot].pattern)
        self.conflationDeadlines.set(nil, for: slot)
        let number = self.subscriptions[slot].number
        self.note(session) { $0.removeSubscription(number) }
        self.subscriptions.end(slot)
        self.counters.add(self.metrics.subscriptions[channel], -1)
    }

    /// A new subscriber gets the last retained event of each action that it matches.
    mutating func sendRetained(to subscription: UInt32, at now: Moment) {
        let session = self.subscriptions[subscription].session
        let (channel, pattern) = (self.subscriptions[subscription].channel, self.subscriptions[subscription].pattern)
        for event in self.retained.events(ofChannel: channel) {
            let (action, body) = (event.action, event.body)
            guard pattern.matches(action.span), self.isMeant(session, by: event.audience) else { continue }
            if let filter = self.subscriptions[subscription].filter {
                self.eventData.read(JSONObjectIterator(event.data), in: body.span)
                guard filter.matches(&self.eventData, in: body.span) else { continue }
            }
            let priority = self.subscriptions[subscription].priority ?? event.priority
            if event.isGuaranteed || self.subscriptions[subscription].request.isGuaranteed {
                self.keep(event, for: session, priority, isRetained: true, at: now)
                continue
            }
            var frames = EventFrames(event, isRetained: true)
            self.deliver(&frames, to: session, priority, at: now)
        }
    }

    static func pattern(_ topic: [UInt8]) throws(InvalidData) -> TopicPattern {
        do throws(TopicPattern.Fault) {
            return try TopicPattern(topic.span)
        } catch {
            throw InvalidData("topic must be an action, with * for a segment or ** for the last ones")
        }
    }

    static func filter(_ json: [UInt8]) throws(InvalidData) -> Filter? {
        if json.isEmpty { return nil }
        do {
            return try Filter(JSONScanner.validate(json.span, maxDepth: JSONScanner.greatestDepth), in: json.span)
        } catch {
            throw InvalidData("filter has an unknown operator or a wrong operand")
        }
    }
}
