import HydrogenProtocol

/// A line of the console, read.
package enum ConsoleCommand: Sendable, Hashable {
    case empty
    case help
    case quit
    /// A command to the server.
    case send(Request)
    /// What is wrong with the line.
    case invalid(String)

    package struct Request: Sendable, Hashable {
        /// What the caller calls it: a JSON value, which comes back with the answer; nil where it names none.
        package var id: [UInt8]?
        package var channel: String
        package var action: String
        /// The JSON text of an object.
        package var data: [UInt8]
    }

    /// Reads `channel action [data]`, `.help`, `.quit`, or a JSON object with `channel`, `action`, `data` and `id`.
    package init(_ line: String) {
        let bytes = Array(line.utf8)
        let start = bytes.firstIndex { !Self.isBlank($0) } ?? bytes.endIndex
        guard start < bytes.endIndex else {
            self = .empty
            return
        }
        switch bytes[start] {
        case UInt8(ascii: "{"): self = Self.object(Array(bytes[start...]))
        case UInt8(ascii: "."): self = Self.own(bytes[start...])
        default: self = Self.words(bytes[start...])
        }
    }

    private static func own(_ text: ArraySlice<UInt8>) -> ConsoleCommand {
        switch String(decoding: text.prefix { !self.isBlank($0) }, as: UTF8.self) {
        case ".help": .help
        case ".quit", ".exit": .quit
        default: .invalid("unknown; .help shows what there is")
        }
    }

    private static func words(_ text: ArraySlice<UInt8>) -> ConsoleCommand {
        let channel = text.prefix { !self.isBlank($0) }
        let afterChannel = text[channel.endIndex...].drop { self.isBlank($0) }
        let action = afterChannel.prefix { !self.isBlank($0) }
        let data = afterChannel[action.endIndex...].drop { self.isBlank($0) }
        guard !action.isEmpty else { return .invalid("channel action [data]") }
        return self.request(
            id: nil, channel: String(decoding: channel, as: UTF8.self), action: String(decoding: action, as: UTF8.self),
            data: data.isEmpty ? Array("{}".utf8) : Array(data))
    }

    private static func object(_ text: [UInt8]) -> ConsoleCommand {
        guard let value = try? JSONScanner.validate(text.span, maxDepth: JSONScanner.greatestDepth) else {
            return .invalid("not JSON")
        }
        let bytes = text.span
        guard let channel = value.member("channel", in: bytes)?.text?.string(in: bytes),
            let action = value.member("action", in: bytes)?.text?.string(in: bytes)
        else { return .invalid("channel and action are needed, as strings") }
        let data = value.member("data", in: bytes).map { Array(text[$0.range.indices]) } ?? Array("{}".utf8)
        let id = value.member("id", in: bytes).map { Array(text[$0.range.indices]) }
        return self.request(id: id, channel: channel, action: action, data: data)
    }

    private static func request(id: [UInt8]?, channel: String, action: String, data: [UInt8]) -> ConsoleCommand {
        guard ChannelName.isValid(channel.utf8.span) else { return .invalid("no channel has this name") }
        guard ActionName.isValid(action.utf8.span) else { return .invalid("no action has this name") }
        var data = data
        while let last = data.last, self.isBlank(last) { data.removeLast() }
        guard (try? JSONScanner.validate(data.span, maxDepth: JSONScanner.greatestDepth))?.kind == .object else {
            return .invalid("the data is not a JSON object")
        }
        return .send(Request(id: id, channel: channel, action: action, data: data))
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d }

    package static let helpText = """
        channel action [data]     a command, as in: system whoami
                                                    print subscribe {"topic": "job.*"}
                                                    print publish {"action": "job.done", "data": {"id": 7}}
        .quit                     ends (so do Ctrl-D, and Ctrl-C on an empty line)
        Up and down go through what was entered before.
        """
}
