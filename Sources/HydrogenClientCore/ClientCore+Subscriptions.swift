import HydrogenProtocol

/// Subscriptions, which are kept over connections and sessions.
extension ClientCore {
    /// Subscribes, now or as soon as there is a connection, and again in each new session.
    ///
    /// - Parameter data: The data of `subscribe`: the JSON text of an object with a topic.
    package mutating func subscribe(
        channel: Span<UInt8>, data: Span<UInt8>, at now: Instant
    ) throws(ClientError) -> SubscriptionNumber {
        guard self.machine.kind != .stopped, self.machine.end == nil else { throw .notRunning }
        guard ChannelName.isValid(channel) else { throw .invalidChannel }
        guard Self.isObject(data) else { throw .invalidData }
        guard self.subscriptions.kept.count < Int(self.configuration.maxSubscriptions) else { throw .tooMany }
        let number = self.subscriptions.append(channel: channel, data: data)
        if self.machine.kind.isInService { self.sendSubscribe(at: self.subscriptions.kept.count - 1, now: now) }
        return number
    }

    /// Ends a subscription. Events that are on their way still come.
    package mutating func unsubscribe(_ number: SubscriptionNumber, at now: Instant) {
        guard let index = self.subscriptions.index(of: number), self.subscriptions.kept[index].isWanted else { return }
        self.subscriptions.update(at: index) { $0.isWanted = false }
        self.drop(at: index, now: now)
    }

    /// Ends one that nobody wants, as far as that can be done now.
    private mutating func drop(at index: Int, now: Instant) {
        let subscription = self.subscriptions.kept[index]
        switch subscription.phase {
        case .idle:
            if !subscription.mayExist { self.subscriptions.remove(at: index) }
        case .asked, .dropping:
            // Its answer is on its way.
            break
        case .active:
            if self.subscriptions.isShared(at: index) {
                self.subscriptions.remove(at: index)
            } else if self.machine.kind.isInService {
                self.sendUnsubscribe(at: index, now: now)
            }
        }
    }

    /// In a session that has begun or was resumed: first what is to go, then what is to come.
    mutating func sendSubscriptions(at now: Instant) {
        var index = 0
        while index < self.subscriptions.kept.count {
            let count = self.subscriptions.kept.count
            if !self.subscriptions.kept[index].isWanted { self.drop(at: index, now: now) }
            if self.subscriptions.kept.count == count { index += 1 }
        }
        self.sendIdleSubscriptions(at: now)
    }

    /// Sends those that the server does not have, and whose time has come.
    mutating func sendIdleSubscriptions(at now: Instant) {
        var index = 0
        while index < self.subscriptions.kept.count {
            let subscription = self.subscriptions.kept[index]
            let isDue = subscription.phase == .idle && (subscription.earliest.map { $0 <= now } ?? true)
            if !isDue || self.sendSubscribe(at: index, now: now) { index += 1 }
        }
    }

    /// - Returns: False where it is too long for this server: then it is kept no more.
    @discardableResult
    private mutating func sendSubscribe(at index: Int, now: Instant) -> Bool {
        let subscription = self.subscriptions.kept[index]
        let request = subscription.request.span
        let isSent = request.withBytes(subscription.channelRange) { channel in
            request.withBytes(subscription.dataRange) { data in
                self.sendOwn(.subscribe(subscription.number), channel: channel, action: "subscribe", data: data, now: now)
            }
        }
        guard isSent else {
            self.subscriptions.remove(at: index)
            self.append(.subscriptionAnswered(subscription.number, .tooLarge))
            return false
        }
        self.subscriptions.update(at: index) {
            $0.phase = .asked
            $0.earliest = nil
        }
        return true
    }

    private mutating func sendUnsubscribe(at index: Int, now: Instant) {
        let subscription = self.subscriptions.kept[index]
        self.subscriptions.update(at: index) { $0.phase = .dropping }
        var data: [UInt8] = []
        data.append("{\"subscription\":")
        data.append(jsonString: subscription.serverID.span)
        data.append(UInt8(ascii: "}"))
        _ = subscription.request.span.withBytes(subscription.channelRange) { channel in
            self.sendOwn(
                .unsubscribe(subscription.number), channel: channel, action: "unsubscribe", data: data.span, now: now)
        }
    }

    /// Sends a command of our own, whose answer the connection owes.
    ///
    /// - Returns: False where it is too long for this server.
    private mutating func sendOwn(
        _ purpose: PendingCommand.Purpose, channel: Span<UInt8>, action: String, data: Span<UInt8>, now: Instant
    ) -> Bool {
        guard let session = self.session else { return true }
        let number = self.lastCommand + 1
        let start = self.outgoing.count
        let isSigned = self.signs(channel, action.utf8.span)
        self.write(number, token: session.token, isSigned: isSigned, at: now) { out in
            ClientMessage.appendBody(channel: channel, action: action.utf8.span, data: data, to: &out)
        }
        guard self.outgoing.count - start <= self.maxMessageBytes else {
            self.outgoing.removeLast(self.outgoing.count - start)
            return false
        }
        self.lastCommand = number
        self.commands.append(
            PendingCommand(
                number: number, purpose: purpose, isRepeatable: false, isSent: true, deadline: nil, earliest: nil,
                body: []))
        self.sendOutgoing(from: start)
        return true
    }

    mutating func subscribeAnswered(_ number: SubscriptionNumber, _ bytes: Span<UInt8>, at now: Instant) {
        guard let index = self.subscriptions.index(of: number) else { return }
        guard self.message.isError else {
            let id = self.message.data?.member("subscription", in: bytes)?.text?.decoded(in: bytes) ?? []
            self.subscriptions.update(at: index) {
                $0.phase = .active
                $0.serverID = id
            }
            guard self.subscriptions.kept[index].isWanted else { return self.drop(at: index, now: now) }
            return self.append(.subscriptionAnswered(number, .ok))
        }
        let error = ServerError(self.message.error, in: bytes)
        guard error.isRetryable, self.subscriptions.kept[index].isWanted else {
            let isWanted = self.subscriptions.kept[index].isWanted
            self.subscriptions.remove(at: index)
            if isWanted { self.append(.subscriptionAnswered(number, .failed)) }
            return
        }
        let earliest = self.later(error, now)
        self.subscriptions.update(at: index) {
            $0.phase = .idle
            $0.earliest = earliest
        }
    }

    mutating func unsubscribeAnswered(_ number: SubscriptionNumber, _ bytes: Span<UInt8>, at now: Instant) {
        guard let index = self.subscriptions.index(of: number) else { return }
        let error = self.message.isError ? ServerError(self.message.error, in: bytes) : nil
        guard let error, error.isRetryable else { return self.subscriptions.remove(at: index) }
        // It is there still: ask for it once more, later, to be rid of it then.
        let earliest = self.later(error, now)
        self.subscriptions.update(at: index) {
            $0.phase = .idle
            $0.mayExist = true
            $0.earliest = earliest
        }
    }
}
