/// What a server's message says, for clients: ranges of its bytes. It is read in one pass, without memory of its own.
///
/// Unknown members are ignored, and so are known ones of the wrong type: a client is told by servers of later versions
/// too. Of a member named twice the last one counts.
package struct ServerMessage: Sendable {
    package enum Kind: UInt8, Sendable, CaseIterable {
        case event, response
    }

    /// nil for a type that servers of this version do not send.
    package var kind: Kind?
    package var isError = false
    /// `normal` where nothing is said.
    package var priority: Priority = .normal
    /// The last event of its action, given to a new subscriber.
    package var isRetained = false
    /// Which sending it is; 1 where nothing is said.
    package var attempt: Int32 = 1
    /// From 1; 0 unless the event is guaranteed.
    package var offset: Int64 = 0
    package var id: JSONText?
    package var timestamp: JSONText?
    package var channel: JSONText?
    package var action: JSONText?
    package var data: JSONValue?
    /// The object `error` of a response.
    package var error: JSONValue?

    package init() {}

    /// Reads a message.
    ///
    /// - Returns: nil for what is not a JSON object.
    package init?(_ bytes: Span<UInt8>) {
        do throws(JSONFault) {
            var index = JSONScanner.skipWhitespace(in: bytes, from: 0)
            guard index < bytes.count, bytes[index] == UInt8(ascii: "{") else { return nil }
            index = JSONScanner.skipWhitespace(in: bytes, from: index &+ 1)
            var isEnd = index < bytes.count && bytes[index] == UInt8(ascii: "}")
            if isEnd { index &+= 1 }
            while !isEnd {
                let (name, valueStart) = try JSONScanner.name(in: bytes, at: index)
                let value = try JSONScanner.value(
                    in: bytes, at: valueStart, depth: 1, maxDepth: JSONScanner.greatestDepth)
                self.take(name, value, bytes)
                (index, isEnd) = try JSONScanner.afterMember(in: bytes, at: Int(value.range.upperBound))
            }
            guard JSONScanner.skipWhitespace(in: bytes, from: index) == bytes.count else { return nil }
        } catch {
            return nil
        }
    }

    @inline(__always)
    private mutating func take(_ name: JSONText, _ value: JSONValue, _ bytes: Span<UInt8>) {
        switch name.range.count {
        case 2 where name.equals("id", in: bytes): self.id = value.text
        case 4 where name.equals("type", in: bytes): self.takeKind(value.text, bytes)
        case 4 where name.equals("data", in: bytes): self.data = value.kind == .object ? value : nil
        case 5 where name.equals("error", in: bytes): self.error = value.kind == .object ? value : nil
        case 6 where name.equals("action", in: bytes): self.action = value.text
        case 6 where name.equals("status", in: bytes): self.isError = value.text?.equals("error", in: bytes) ?? false
        case 6 where name.equals("offset", in: bytes): self.offset = max(0, value.integer(in: bytes) ?? 0)
        case 7 where name.equals("channel", in: bytes): self.channel = value.text
        case 7 where name.equals("attempt", in: bytes):
            self.attempt = value.integer(in: bytes).flatMap { Int32(exactly: $0) } ?? 1
        case 8 where name.equals("priority", in: bytes): self.takePriority(value.text, bytes)
        case 8 where name.equals("retained", in: bytes): self.isRetained = value.kind == .true
        case 9 where name.equals("timestamp", in: bytes): self.timestamp = value.text
        default: break
        }
    }

    private mutating func takeKind(_ text: JSONText?, _ bytes: Span<UInt8>) {
        guard let text else { return }
        if text.equals("event", in: bytes) {
            self.kind = .event
        } else if text.equals("response", in: bytes) {
            self.kind = .response
        }
    }

    private mutating func takePriority(_ text: JSONText?, _ bytes: Span<UInt8>) {
        guard let text else { return }
        for priority in Priority.allCases where text.equals(priority.name, in: bytes) { self.priority = priority }
    }

    /// Whether it speaks of this channel and action.
    package func isAbout(_ channel: StaticString, _ action: StaticString, in bytes: Span<UInt8>) -> Bool {
        guard let mine = self.channel, let myAction = self.action else { return false }
        return mine.equals(channel, in: bytes) && myAction.equals(action, in: bytes)
    }
}

/// The `error` of a response, read.
package struct ServerError: Sendable {
    package var category: JSONText?
    package var code: JSONText?
    package var message: JSONText?
    /// Whether the same request may succeed later.
    package var isRetryable = false
    package var retryAfter: Interval?

    package init(_ error: JSONValue?, in bytes: Span<UInt8>) {
        guard var members = error?.members else { return }
        while let member = members.next(in: bytes) {
            let (name, value) = (member.name, member.value)
            if name.equals("category", in: bytes) {
                self.category = value.text
            } else if name.equals("code", in: bytes) {
                self.code = value.text
            } else if name.equals("message", in: bytes) {
                self.message = value.text
            } else if name.equals("retryable", in: bytes) {
                self.isRetryable = value.bool ?? false
            } else if name.equals("retry_after_ms", in: bytes) {
                // A day is as long as anybody waits.
                self.retryAfter = value.integer(in: bytes).map { .milliseconds(min(max(0, $0), 86_400_000)) }
            }
        }
    }
}
