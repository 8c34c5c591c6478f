import HydrogenConnection
import HydrogenProtocol

extension Shard {
    /// A chunk of a message arrived. A message that came in one piece is read where it lies.
    package mutating func received(
        _ bytes: Span<UInt8>, _ fragment: Fragment, on id: ConnectionID, at now: Moment
    ) {
        guard let slot = self.connections.slot(of: id) else { return }
        self.counters.add(self.metrics.receivedBytes[0], Int64(bytes.count))
        self.step(.received, slot: slot, at: now)
        // While closing, what the peer still sends is read and dropped (RFC 6455 §1.4).
        guard self.connections[slot].machine.acceptsWork else { return }

        if fragment.isFirst {
            guard !fragment.isBinary || self.connections[slot].subprotocol == .echo else {
                return self.close(slot, .unsupportedData, because: .binary, at: now)
            }
            if fragment.isLast {
                guard bytes.count <= self.configuration.maxMessageBytes else {
                    return self.close(slot, .messageTooLarge, because: .tooLarge, at: now)
                }
                return self.messageReceived(bytes, isBinary: fragment.isBinary, slot: slot, at: now)
            }
            self.connections[slot].inbound = self.inboundBuffers.take()
            self.connections[slot].isMessageOpen = true
            self.connections[slot].isMessageBinary = fragment.isBinary
            self.connections[slot].messageStartedAt = now.instant
            self.armDeadline(slot)
        }
        self.reassemble(bytes, isLast: fragment.isLast, slot: slot, at: now)
    }

    private mutating func reassemble(_ bytes: Span<UInt8>, isLast: Bool, slot: Int, at now: Moment) {
        guard self.connections[slot].inbound.count + bytes.count <= self.configuration.maxMessageBytes else {
            return self.close(slot, .messageTooLarge, because: .tooLarge, at: now)
        }
        self.connections[KnownBug.fragmentBufferShared.isLoose ? 0 : slot].inbound.append(bytes)
        self.heldByteCount += bytes.count
        guard isLast else { return self.keepWithinBound(at: now) }
        // Taken out, so that an idle connection holds no buffer.
        var message: [UInt8] = []
        swap(&message, &self.connections[slot].inbound)
        self.heldByteCount -= message.count
        self.connections[slot].isMessageOpen = false
        self.armDeadline(slot)
        self.messageReceived(
            message.span, isBinary: self.connections[slot].isMessageBinary, slot: slot, at: now)
        // Given away: a buffer that two hold would be copied, once for each burst.
        self.inboundBuffers.giveBack(consume message)
    }

    /// A whole message of at most `MaxMessageBytes`.
    private mutating func messageReceived(_ bytes: Span<UInt8>, isBinary: Bool, slot: Int, at now: Moment) {
        self.connections[slot].receivedCount += 1
        if self.policy.limits.limitsMessages, let wait = self.charge(byteCount: bytes.count, slot: slot, at: now) {
            return self.messageRefused(bytes, wait: wait, slot: slot, at: now)
        }
        switch self.connections[slot].subprotocol {
        case .hydrogen:
            self.envelopeReceived(bytes, slot: slot, at: now)
        case .echo:
            let start = self.outgoing.beginFrame()
            self.outgoing.bytes.append(bytes)
            let frame = self.outgoing.endFrame(isBinary ? .binary : .text, start)
            self.enqueue(frame, .response, .normal, slot: slot, at: now)
        }
    }

    /// The peer's pong arrived.
    package mutating func pongReceived(on id: ConnectionID, at now: Moment) {
        guard let slot = self.connections.slot(of: id) else { return }
        self.step(.pongReceived, slot: slot, at: now)
    }

    /// The peer's close frame arrived; nil if it carried no code.
    package mutating func closeReceived(_ code: UInt16?, on id: ConnectionID, at now: Moment) {
        guard let slot = self.connections.slot(of: id) else { return }
        self.step(.closeReceived(code: code), slot: slot, at: now)
    }

    /// The transport found a fault of the peer's framing, which closes with this code (1002 or 1007).
    package mutating func framingFailed(_ code: CloseCode, on id: ConnectionID, at now: Moment) {
        guard let slot = self.connections.slot(of: id), self.connections[slot].machine.acceptsWork else { return }
        self.close(slot, code, because: code == .invalidUTF8 ? .invalidUTF8 : .framing, at: now)
    }
}
