import HydrogenCrypto
import HydrogenProtocol

extension Shard {
    /// Whether the configuration wants a command signed.
    @inline(__always)
    func mustBeSigned(_ channel: Int, _ action: JSONText, _ bytes: Span<UInt8>) -> Bool {
        !self.signedActions.isEmpty
            && action.withBytes(in: bytes) { self.signedActions.contains(channel: channel, action: $0) }
    }

    /// Why a command that must be signed is refused; nil if it passes. Its permission was checked; the order is time
    /// stamp, signature, replay, so that only ids with a right signature are remembered.
    mutating func signatureRefusal(
        _ envelope: Envelope, _ bytes: Span<UInt8>, slot: Int, at now: Moment
    ) -> ResponseError? {
        guard let signature = envelope.signature, let text = envelope.timestamp else {
            return ResponseError(.signatureRequired)
        }
        guard let timestamp = text.withBytes(in: bytes, Timestamp.parse), self.isWithinWindow(timestamp, at: now),
            self.connections[slot].replays?.mayHaveForgotten(timestamp) != true
        else { return ResponseError(.timestamp) }
        guard let id = envelope.id, let channel = envelope.channel, let action = envelope.action,
            let key = self.connections[slot].signingKey
        else { return ResponseError(.signatureInvalid) }

        let expected = Self.signature(key, id, text, channel, action, envelope.data, bytes)
        guard KnownBug.signatureNotCompared.isLoose || signature.withBytes(in: bytes, { CommandSignature.matches($0, expected) }) else {
            return ResponseError(.signatureInvalid)
        }
        if self.connections[slot].replays == nil { self.connections[slot].replays = ReplayTable() }
        let window = self.policy.signatureWindow
        let verdict = id.withBytes(in: bytes) { id in
            self.connections[slot].replays?.record(id, at: timestamp, window: window, now: now.wall)
        }
        switch verdict {
        case .new, nil: return nil
        case .repeated: return ResponseError(.replayed)
        case .full(let until):
            return ResponseError(
                .connectionRateLimited, retryAfterMilliseconds: until.milliseconds - now.wall.milliseconds)
        }
    }

    private func isWithinWindow(_ timestamp: WallTime, at now: Moment) -> Bool {
        // Years of four digits: nothing overflows.
        abs(timestamp.milliseconds - now.wall.milliseconds) <= self.policy.signatureWindow.milliseconds
    }

    private static func signature(
        _ key: SigningKey, _ id: JSONText, _ timestamp: JSONText, _ channel: JSONText, _ action: JSONText,
        _ data: JSONValue?, _ bytes: Span<UInt8>
    ) -> Digest {
        let keyText = key.text
        let empty = Self.emptyObject
        return id.withBytes(in: bytes) { id in
            timestamp.withBytes(in: bytes) { timestamp in
                channel.withBytes(in: bytes) { channel in
                    action.withBytes(in: bytes) { action in
                        let text = if let data { bytes.extracting(data.range.indices) } else { empty.span }
                        return CommandSignature.make(
                            key: keyText.span, id: id, timestamp: timestamp, channel: channel, action: action,
                            data: text)
                    }
                }
            }
        }
    }
}
