import HydrogenProtocol

/// Writes a client's messages, appending to a buffer.
enum ClientMessage {
    /// Appends a command. Its body is what `appendBody` wrote.
    static func append(command number: CommandNumber, token: Span<UInt8>, body: Span<UInt8>, to out: inout [UInt8]) {
        self.appendHead(command: number, token: token, to: &out)
        out.append(body)
    }

    /// Appends a command up to its token, to be followed by a body.
    static func appendHead(command number: CommandNumber, token: Span<UInt8>, to out: inout [UInt8]) {
        out.append("{\"type\":\"command\",\"id\":\"")
        out.append(decimal: Int64(bitPattern: number))
        out.append("\"")
        self.append(token: token, to: &out)
    }

    /// Appends a command from its channel on.
    static func appendBody(channel: Span<UInt8>, action: Span<UInt8>, data: Span<UInt8>, to out: inout [UInt8]) {
        self.appendNames(channel: channel, action: action, to: &out)
        out.append(data)
        out.append(UInt8(ascii: "}"))
    }

    /// Appends channel and action up to where the data begin.
    static func appendNames(channel: Span<UInt8>, action: Span<UInt8>, to out: inout [UInt8]) {
        out.append(",\"channel\":")
        out.append(jsonString: channel)
        out.append(",\"action\":")
        out.append(jsonString: action)
        out.append(",\"data\":")
    }

    /// Appends an ack of an offset and all before it.
    static func append(acknowledged offset: Int64, token: Span<UInt8>, to out: inout [UInt8]) {
        out.append("{\"type\":\"ack\",\"offset\":")
        out.append(decimal: offset)
        self.append(token: token, to: &out)
        out.append(UInt8(ascii: "}"))
    }

    /// Appends an ack of one event.
    static func append(acknowledgedID id: Span<UInt8>, token: Span<UInt8>, to out: inout [UInt8]) {
        out.append("{\"type\":\"ack\",\"id\":")
        out.append(jsonString: id)
        self.append(token: token, to: &out)
        out.append(UInt8(ascii: "}"))
    }

    /// Appends the data of `system/resume`.
    static func appendResume(_ session: SessionCredentials, offset: Int64, to out: inout [UInt8]) {
        out.append("{\"session\":")
        out.append(jsonString: session.id.span)
        out.append(",\"token\":")
        out.append(jsonString: session.token.span)
        out.append(",\"offset\":")
        out.append(decimal: offset)
        out.append(UInt8(ascii: "}"))
    }

    private static func append(token: Span<UInt8>, to out: inout [UInt8]) {
        out.append(",\"auth\":{\"token\":")
        out.append(jsonString: token)
        out.append(UInt8(ascii: "}"))
    }
}
