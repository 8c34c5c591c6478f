import HydrogenConnection
import HydrogenCrypto
import HydrogenProtocol

extension Shard {
    /// Reads one envelope and does what it says.
    mutating func envelopeReceived(_ bytes: Span<UInt8>, slot: Int, at now: Moment) {
        if let fault = self.reader.read(bytes, maxDepth: self.configuration.maxJSONDepth) {
            return self.envelopeRefused(fault, bytes, slot: slot, at: now)
        }
        let envelope = self.reader.envelope
        switch envelope.kind {
        case .command:
            self.counters.add(self.metrics.received[ShardMetrics.ReceivedType.command.rawValue])
            self.commandReceived(envelope, bytes, slot: slot, at: now)
        case .ack:
            self.counters.add(self.metrics.received[ShardMetrics.ReceivedType.ack.rawValue])
            self.ackReceived(envelope, bytes, slot: slot, at: now)
        case .event, .response, nil:
            break  // The reader has refused them.
        }
    }

    /// A malformed message is answered as far as it can be read; too many of them within a minute end the connection.
    private mutating func envelopeRefused(
        _ fault: EnvelopeFault, _ bytes: Span<UInt8>, slot: Int, at now: Moment
    ) {
        self.counters.add(self.metrics.received[ShardMetrics.ReceivedType.invalid.rawValue])
        self.refuse(
            Answerable(self.reader.envelope), bytes, ResponseError(fault), channel: nil, slot: slot, at: now)
        let isLast = self.connections[slot].protocolErrors.record(
            at: now.instant, limit: self.policy.maxProtocolErrors, within: .seconds(60))
        if isLast {
            // It was counted when it was answered.
            self.connections[slot].isReasonCounted = true
            self.close(slot, .policyViolation, because: fault.code, at: now)
        }
    }

    /// Whether the message carries the token that it must.
    mutating func tokenRefusal(_ envelope: Envelope, _ bytes: Span<UInt8>, slot: Int) -> ErrorCode? {
        guard self.policy.requiresMessageToken else { return nil }
        guard let token = envelope.token else { return .authenticationMissing }
        let session = self.connections[slot].session
        if session != SessionTable.none {
            if let index = token.withBytes(in: bytes, { self.sessions.tokenIndex(of: $0, at: session) }) {
                if index > 0 { self.tokenArrived(index, of: session) }
                return nil
            }
        } else if self.hasRemoteToken(token, bytes, slot: slot) {
            return nil
        }
        let isKey = token.withBytes(in: bytes) { text in
            self.connections[slot].grant?.digest == SHA256.hash(text)
        }
        return isKey ? nil : .authenticationInvalid
    }

    /// A token arrived: those given out before it end.
    mutating func tokenArrived(_ index: Int, of session: UInt32) {
        guard index > 0 else { return }
        self.sessions[session].tokens.arrived(index)
        self.note(session) { $0.isRecord = true }
    }

    /// Whether a text is a token of the session that the connection has on another loop.
    private mutating func hasRemoteToken(_ token: JSONText, _ bytes: Span<UInt8>, slot: Int) -> Bool {
        let attachment = self.connections[slot].attachment
        guard attachment != AttachmentTable.none,
            let index = token.withBytes(in: bytes, { self.attachments[attachment].tokens.index(of: $0) })
        else { return false }
        if index > 0 {
            self.attachments[attachment].tokens.arrived(index)
            let text = token.decoded(in: bytes)
            self.note(on: slot) { $0.token = text }
        }
        return true
    }
}
