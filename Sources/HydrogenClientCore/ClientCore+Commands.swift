import HydrogenProtocol

/// Commands and their answers.
extension ClientCore {
    /// Sends a command, now or as soon as there is a connection. `answered` comes for it exactly once.
    ///
    /// - Parameters:
    ///   - data: The JSON text of an object.
    ///   - timeout: From now to the answer.
    ///   - isRepeatable: Whether doing it twice does no harm: then it is sent again where an answer was lost.
    package mutating func command(
        channel: Span<UInt8>, action: Span<UInt8>, data: Span<UInt8>, timeout: Interval, isRepeatable: Bool = false,
        at now: Instant
    ) throws(ClientError) -> CommandNumber {
        try self.check(channel: channel, action: action, data: data)
        let isRefresh = channel.isEqual(to: "system") && action.isEqual(to: "refresh")
        var command = PendingCommand(
            number: 0, purpose: isRefresh ? .refresh : .caller, isRepeatable: isRepeatable, isSent: false,
            deadline: now + timeout, earliest: nil, body: [])
        command.isSigned = self.signs(channel, action)
        return try self.submit(&command, at: now) { out in
            ClientMessage.appendBody(channel: channel, action: action, data: data, to: &out)
        }
    }

    /// Publishes an event. With a key it is sent again where an answer was lost.
    package mutating func publish(
        channel: Span<UInt8>, action: Span<UInt8>, data: Span<UInt8>, options: PublishOptions, timeout: Interval,
        at now: Instant
    ) throws(ClientError) -> CommandNumber {
        try self.check(channel: channel, action: action, data: data)
        var command = PendingCommand(
            number: 0, purpose: .caller, isRepeatable: options.key != nil, isSent: false, deadline: now + timeout,
            earliest: nil, body: [])
        command.isSigned = self.signs(channel, "publish".utf8.span)
        return try self.submit(&command, at: now) { out in
            ClientMessage.appendNames(channel: channel, action: "publish".utf8.span, to: &out)
            options.append(action: action, data: data, to: &out)
            out.append(UInt8(ascii: "}"))
        }
    }

    func check(channel: Span<UInt8>, action: Span<UInt8>, data: Span<UInt8>) throws(ClientError) {
        guard ChannelName.isValid(channel) else { throw .invalidChannel }
        guard ActionName.isValid(action) else { throw .invalidAction }
        guard Self.isObject(data) else { throw .invalidData }
    }

    static func isObject(_ data: Span<UInt8>) -> Bool {
        (try? JSONScanner.validate(data, maxDepth: JSONScanner.greatestDepth))?.kind == .object
    }

    /// Numbers a command and sends it where it can go at once: then its bytes are written once, where they leave from.
    mutating func submit(
        _ command: inout PendingCommand, at now: Instant, _ appendBody: (inout [UInt8]) -> Void
    ) throws(ClientError) -> CommandNumber {
        guard self.machine.kind != .stopped, self.machine.end == nil else { throw .notRunning }
        guard self.commands.count < Int(self.configuration.maxCommands) else { throw .tooMany }
        command.number = self.lastCommand + 1
        if self.machine.kind.isInService, !command.isRepeatable, let session = self.session {
            let start = self.outgoing.count
            self.write(command.number, token: session.token, isSigned: command.isSigned, at: now, appendBody)
            guard self.outgoing.count - start <= self.maxMessageBytes else {
                self.outgoing.removeLast(self.outgoing.count - start)
                throw .tooLarge
            }
            command.isSent = true
            self.sendOutgoing(from: start)
        } else {
            appendBody(&command.body)
            guard command.body.count < self.maxMessageBytes else { throw .tooLarge }
        }
        self.lastCommand = command.number
        self.commands.append(command)
        if !command.isSent, self.machine.kind.isInService { self.send(at: self.commands.count - 1, now: now) }
        return command.number
    }

    /// Sends what waits, in the order in which it came.
    mutating func sendCommands(at now: Instant) {
        var index = 0
        while index < self.commands.count {
            if !self.commands.isDue(at: index, now: now) || self.send(at: index, now: now) { index += 1 }
        }
        self.commands.recomputeWakeAt(isInService: true)
    }

    /// Sends a command that waited.
    ///
    /// - Returns: False where it is too long for this server: then it has come to its end.
    @discardableResult
    private mutating func send(at index: Int, now: Instant) -> Bool {
        guard let session = self.session else { return true }
        let start = self.outgoing.count
        let command = self.commands[index]
        self.write(command.number, token: session.token, isSigned: command.isSigned, at: now) { out in
            out += command.body
        }
        guard self.outgoing.count - start <= self.maxMessageBytes else {
            self.outgoing.removeLast(self.outgoing.count - start)
            self.append(.answered(self.commands.remove(at: index).number, .tooLarge))
            return false
        }
        self.commands.markSent(at: index)
        self.sendOutgoing(from: start)
        return true
    }

    /// The response to a command is in hand.
    mutating func commandAnswered(at index: Int, _ bytes: Span<UInt8>, now: Instant) {
        let command = self.commands[index]
        let isError = self.message.isError
        if isError, command.isRepeatable {
            let error = ServerError(self.message.error, in: bytes)
            if error.isRetryable { return self.commands.markUnsent(at: index, earliest: self.later(error, now)) }
        }
        self.commands.remove(at: index)
        switch command.purpose {
        case .caller:
            self.append(.answered(command.number, isError ? .failed : .ok))
        case .refresh:
            if !isError, let token = self.message.data?.member("token", in: bytes)?.text {
                self.session?.token = token.decoded(in: bytes)
            }
            self.append(.answered(command.number, isError ? .failed : .ok))
        case .subscribe(let number): self.subscribeAnswered(number, bytes, at: now)
        case .unsubscribe(let number): self.unsubscribeAnswered(number, bytes, at: now)
        }
    }

    /// When to try again after an error that passes: not before the server's word, and not all at the same time.
    mutating func later(_ error: ServerError, _ now: Instant) -> Instant {
        now + (error.retryAfter ?? .zero) + self.machine.random.interval(upTo: self.configuration.lifecycle.backOffBase)
    }

    /// Gives up what was not answered in time, and sends what was put off.
    mutating func lookAtCommands(at now: Instant) {
        guard let wakeAt = self.commands.wakeAt, wakeAt <= now else { return }
        var index = 0
        while index < self.commands.count {
            if let deadline = self.commands[index].deadline, deadline <= now {
                let number = self.commands.remove(at: index).number
                self.append(.answered(number, .timedOut))
                continue
            }
            let isToBeSent = self.machine.kind.isInService && self.commands.isDue(at: index, now: now)
            if !isToBeSent || self.send(at: index, now: now) { index += 1 }
        }
        self.commands.recomputeWakeAt(isInService: self.machine.kind.isInService)
    }
}
