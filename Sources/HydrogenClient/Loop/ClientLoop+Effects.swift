import CLibwebsockets
import HydrogenClientCore
import HydrogenProtocol
import HydrogenThreads

/// What the core wants done.
extension ClientLoop {
    /// After a call that handed in no message.
    func performEffects() { self.performEffects([UInt8]().span) }

    /// - Parameter bytes: The message that was handed in, which `core.message` is ranges of.
    func performEffects(_ bytes: Span<UInt8>) {
        var isStateNew = false
        while let effect = self.core.nextEffect() {
            switch effect {
            case .openTransport: self.connection.isWanted = true
            case .send(let range): self.core.withOutgoing(range) { self.outbox.append($0) }
            case .sendPing: self.outbox.isPingDue = true
            case .closeTransport(let code): self.connection.closeCode = code.rawValue
            case .abortTransport: self.connection.isAbortWanted = true
            case .stateChanged: isStateNew = true
            case .sessionBegan(let isResumed):
                if !isResumed, self.core.sessionNumber > 1 { self.handle.board.tell(.newSession(self.session)) }
            case .event(let reference): self.deliver(reference, bytes)
            case .gap(let gap): self.handle.board.tell(.gap(gap.from...gap.to))
            case .answered(let number, let outcome): self.answer(number, outcome, bytes)
            case .subscriptionAnswered(let number, let outcome): self.answerSubscription(number, outcome, bytes)
            }
        }
        if isStateNew { self.tellState() }
        self.requestWritable()
    }

    private func requestWritable() {
        guard self.connection.phase == .open, !self.outbox.isEmpty || self.connection.closeCode != nil,
            let wsi = unsafe self.connection.wsi
        else { return }
        unsafe lws_callback_on_writable(wsi)
    }

    var session: String { String(decoding: self.core.session?.id ?? [], as: UTF8.self) }

    private func tellState() {
        switch self.core.kind {
        case .connecting, .greeting, .resuming: self.handle.board.change(to: .connecting)
        case .connected, .probing: self.handle.board.change(to: .connected(session: self.session))
        case .waiting:
            let delay = self.core.nextAttemptAt.map { max(.zero, $0 - Clock.instant()) } ?? .zero
            self.handle.board.change(to: .waiting(self.reason, retryIn: Duration(delay)))
        // The end follows, and is told by itself.
        case .closing, .stopped: break
        }
    }

    /// Why there is no connection.
    var reason: HydrogenClient.Reason {
        switch self.core.end {
        case .requested: return .closed
        case .closed(let code): return .closedByServer(code: Int(code))
        case .refused(let status): return .refused(status: Int(status), self.refusal)
        case .violation: return .violation
        case nil: break
        }
        if let code = self.connection.peerCode { return .closedByServer(code: Int(code)) }
        if let status = self.connection.status, status != 101 {
            return .refused(status: Int(status), self.refusal)
        }
        return .unreachable(self.connection.failure)
    }

    /// What the server said beside the status of a refusal (PROTOCOL section 1).
    private var refusal: HydrogenClient.ServerError? {
        let body = self.connection.body
        guard let value = try? JSONScanner.validate(body.span, maxDepth: 8),
            let error = value.member("error", in: body.span)
        else { return nil }
        return HydrogenClient.ServerError(error, in: body.span)
    }

    private func deliver(_ reference: EventReference, _ bytes: Span<UInt8>) {
        let message = self.core.message
        let buffers = self.routes.receivers(of: message, in: bytes)
        let id = message.id?.decoded(in: bytes) ?? []
        guard !buffers.isEmpty else {
            // Nobody wants it (any more): the server need not keep it.
            return self.core.acknowledge(reference, id: id.span, at: Clock.instant())
        }
        let ticket =
            reference.offset == 0
            ? nil : EventTicket(reference, id: id, consumerCount: buffers.count, handle: self.handle)
        for buffer in buffers {
            buffer.append(
                HydrogenClient.Event(
                    id: String(decoding: id, as: UTF8.self), channel: message.channel?.string(in: bytes) ?? "",
                    action: message.action?.string(in: bytes) ?? "", data: message.dataBytes(in: bytes),
                    timestamp: message.timestamp?.string(in: bytes) ?? "",
                    priority: HydrogenClient.Priority(message.priority), isRetained: message.isRetained,
                    offset: reference.offset == 0 ? nil : reference.offset, attempt: Int(message.attempt),
                    delivery: ticket.map { EventDelivery($0) }))
        }
    }

    private func answer(_ number: CommandNumber, _ outcome: CommandOutcome, _ bytes: Span<UInt8>) {
        guard let reply = self.replies.removeValue(forKey: number) else { return }
        switch outcome {
        case .ok:
            reply.resume(returning: .success(HydrogenClient.Response(data: self.core.message.dataBytes(in: bytes))))
        case .failed, .timedOut, .connectionLost, .tooLarge, .stopped:
            reply.resume(returning: .failure(self.failure(of: outcome, bytes)))
        }
    }

    private func answerSubscription(
        _ number: SubscriptionNumber, _ outcome: CommandOutcome, _ bytes: Span<UInt8>
    ) {
        let reply = self.subscribers.removeValue(forKey: number)
        guard outcome != .ok else {
            let data = self.core.message.dataBytes(in: bytes)
            reply?.resume(returning: .success(HydrogenClient.Response(data: data)))
            return
        }
        let failure = self.failure(of: outcome, bytes)
        self.routes.end(number)
        if let reply {
            reply.resume(returning: .failure(failure))
        } else {
            let channel = self.core.message.channel?.string(in: bytes) ?? ""
            self.handle.board.tell(.subscriptionLost(channel: channel, failure))
        }
    }

    private func failure(of outcome: CommandOutcome, _ bytes: Span<UInt8>) -> HydrogenClient.Failure {
        switch outcome {
        case .ok, .failed: .refused(HydrogenClient.ServerError(self.core.message.error, in: bytes))
        case .timedOut: .timedOut
        case .connectionLost: .connectionLost
        case .tooLarge: .tooLarge
        case .stopped: .closed
        }
    }
}

extension ServerMessage {
    /// The JSON text of the data.
    fileprivate func dataBytes(in bytes: Span<UInt8>) -> [UInt8] {
        self.data.map { value in bytes.withBytes(value.range) { [UInt8]($0) } } ?? Array("{}".utf8)
    }
}

extension HydrogenClient.ServerError {
    init(_ error: JSONValue?, in bytes: Span<UInt8>) {
        let error = HydrogenProtocol.ServerError(error, in: bytes)
        self.init(
            category: error.category?.string(in: bytes) ?? "", code: error.code?.string(in: bytes) ?? "",
            message: error.message?.string(in: bytes) ?? "", isRetryable: error.isRetryable,
            retryAfter: error.retryAfter.map { Duration($0) })
    }
}
