import HydrogenProtocol

/// Writes a client's messages, appending to a buffer.
enum ClientMessage {
    /// Appends a command up to its token, to be followed by a body.
    static func appendHead(command number: CommandNumber, token: Span<UInt8>, to out: inout [UInt8]) {
        self.append(number, to: &out)
        self.append(token: token, to: &out)
    }

    /// Appends a command up to its id.
    ///
    /// - Returns: Where the id stands.
    @discardableResult
    static func append(_ number: CommandNumber, to out: inout [UInt8]) -> Range<Int> {
        out.append("{\"type\":\"command\",\"id\":\"")
        let start = out.count
        out.append(decimal: Int64(bitPattern: number))
        let id = start..<out.count
        out.append("\"")
        return id
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

    /// Where the parts of a body stand, that begins at `start` and ends the buffer. Names have no escapes.
    static func parts(
        ofBody start: Int, in bytes: Span<UInt8>
    ) -> (channel: Range<Int>, action: Range<Int>, data: Range<Int>) {
        func name(after head: StaticString, at place: Int) -> Range<Int> {
            let first = place + head.utf8CodeUnitCount
            var end = first
            while bytes[end] != UInt8(ascii: "\"") { end += 1 }
            return first..<end
        }
        let channel = name(after: ",\"channel\":\"", at: start)
        let action = name(after: "\",\"action\":\"", at: channel.upperBound)
        let space = action.upperBound + ("\",\"data\":" as StaticString).utf8CodeUnitCount
        // What a caller gave may have space around it.
        let first = JSONScanner.skipWhitespace(in: bytes, from: space)
        var end = bytes.count - 1
        while end > first, bytes[end - 1] != UInt8(ascii: "}") { end -= 1 }
        return (channel, action, first..<end)
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
