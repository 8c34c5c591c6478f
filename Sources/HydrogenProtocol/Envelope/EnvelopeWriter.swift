/// Writes the server's messages, appending to the caller's buffer. One writer serves one loop.
///
/// Texts are given as UTF-8 without escapes and are encoded anew; `data` is given as JSON text and is taken as it is.
package struct EnvelopeWriter: Sendable {
    private var timestamps = TimestampWriter()

    package init() {}

    /// Appends the answer to a command that succeeded.
    ///
    /// - Parameter data: The JSON text of an object.
    package mutating func appendResponse(
        to out: inout [UInt8], id: Span<UInt8>, channel: Span<UInt8>, action: Span<UInt8>, data: Span<UInt8>,
        at now: WallTime
    ) {
        let textCount = id.maxJSONStringCount + channel.maxJSONStringCount + action.maxJSONStringCount
        let time = self.timestamps.text(of: now)
        out.append(atMost: Self.maxFrameCount + textCount + data.count) { out in
            out.append("{\"type\":\"response\",\"id\":")
            out.append(jsonString: id)
            Self.appendHead(to: &out, channel, action, at: time)
            out.append(",\"status\":\"ok\",\"data\":")
            out.append(data)
            out.append(UInt8(ascii: "}"))
        }
    }

    /// What an event or response has around its texts and data, at most.
    private static let maxFrameCount = 160

    /// Appends the answer to a command or ack that was refused.
    ///
    /// - Parameters:
    ///   - id: nil where it could not be read: `null` on the wire.
    ///   - channel: nil where it could not be read: `system` on the wire.
    ///   - action: nil where it could not be read: `error` on the wire.
    package mutating func appendResponse(
        to out: inout [UInt8], id: Span<UInt8>?, channel: Span<UInt8>?, action: Span<UInt8>?, error: ResponseError,
        at now: WallTime
    ) {
        out.append("{\"type\":\"response\",\"id\":")
        if let id { out.append(jsonString: id) } else { out.append("null") }
        out.append(",\"timestamp\":\"")
        out.append(self.timestamps.text(of: now).span)
        out.append("\",\"channel\":")
        if let channel { out.append(jsonString: channel) } else { out.append("\"system\"") }
        out.append(",\"action\":")
        if let action { out.append(jsonString: action) } else { out.append("\"error\"") }
        out.append(",\"status\":\"error\",\"error\":")
        error.append(to: &out)
        out.append(UInt8(ascii: "}"))
    }

    /// Appends what all receivers of an event share: everything but the tail, which `appendEventTail` adds.
    ///
    /// - Parameter data: The JSON text of an object.
    package mutating func appendEvent(
        to out: inout [UInt8], id: Span<UInt8>, channel: Span<UInt8>, action: Span<UInt8>, data: Span<UInt8>,
        at now: WallTime
    ) {
        let textCount = id.maxJSONStringCount + channel.maxJSONStringCount + action.maxJSONStringCount
        let time = self.timestamps.text(of: now)
        out.append(atMost: Self.maxFrameCount + textCount + data.count) { out in
            out.append("{\"type\":\"event\",\"id\":")
            out.append(jsonString: id)
            Self.appendHead(to: &out, channel, action, at: time)
            out.append(",\"data\":")
            out.append(data)
        }
    }

    /// Appends what differs from receiver to receiver, and ends the event.
    package static func appendEventTail(_ tail: EventTail, to out: inout [UInt8]) {
        if tail.priority != .normal {
            out.append(",\"priority\":\"")
            out.append(tail.priority.name)
            out.append(UInt8(ascii: "\""))
        }
        if tail.isRetained { out.append(",\"retained\":true") }
        if let offset = tail.offset {
            out.append(",\"offset\":")
            out.append(decimal: offset)
            out.append(",\"ack\":true")
            if tail.attempt > 1 {
                out.append(",\"attempt\":")
                out.append(decimal: Int64(tail.attempt))
            }
        }
        out.append(UInt8(ascii: "}"))
    }

    @inline(__always)
    private static func appendHead(
        to out: inout OutputSpan<UInt8>, _ channel: Span<UInt8>, _ action: Span<UInt8>, at time: Timestamp.Text
    ) {
        out.append(",\"timestamp\":\"")
        out.append(time.span)
        out.append("\",\"channel\":")
        out.append(jsonString: channel)
        out.append(",\"action\":")
        out.append(jsonString: action)
    }
}

/// What an event says to one receiver alone.
package struct EventTail: Sendable, Hashable {
    package var priority: Priority
    /// The last event of its action, given to a new subscriber.
    package var isRetained: Bool
    /// From 1; nil unless guaranteed.
    package var offset: Int64?
    /// Which sending it is, from 1. Told from the second one on, of guaranteed events.
    package var attempt: Int

    package init(priority: Priority = .normal, isRetained: Bool = false, offset: Int64? = nil, attempt: Int = 1) {
        self.priority = priority
        self.isRetained = isRetained
        self.offset = offset
        self.attempt = attempt
    }
}

/// The `error` of a response, and of an HTTP answer.
package struct ResponseError: Error, Sendable {
    package var code: ErrorCode
    /// Fixed text; that of the code if nil.
    package var message: StaticString?
    /// The member at fault, named behind the message.
    package var field: StaticString?
    package var retryAfterMilliseconds: Int64?

    package init(
        _ code: ErrorCode, message: StaticString? = nil, field: StaticString? = nil,
        retryAfterMilliseconds: Int64? = nil
    ) {
        self.code = code
        self.message = message
        self.field = field
        self.retryAfterMilliseconds = retryAfterMilliseconds
    }

    package init(_ fault: EnvelopeFault) {
        self.init(fault.code, field: fault.field)
    }

    /// Appends `{"category","code","message","retryable","retry_after_ms"?}`.
    package func append(to out: inout [UInt8]) {
        out.append("{\"category\":\"")
        out.append(self.code.category.rawValue.utf8.span)
        out.append("\",\"code\":\"")
        out.append(self.code.name)
        out.append("\",\"message\":\"")
        out.append(self.message ?? self.code.text)
        if let field = self.field {
            out.append(": ")
            out.append(field)
        }
        out.append("\",\"retryable\":")
        out.append(self.code.isRetryable ? "true" : "false")
        if let retryAfterMilliseconds = self.retryAfterMilliseconds {
            out.append(",\"retry_after_ms\":")
            out.append(decimal: retryAfterMilliseconds)
        }
        out.append(UInt8(ascii: "}"))
    }
}
