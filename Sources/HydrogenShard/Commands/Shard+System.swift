import HydrogenProtocol

extension Shard {
    /// `ping`: the same data comes back.
    mutating func ping(_ command: Command, _ bytes: Span<UInt8>) {
        guard let data = command.data else {
            let empty = Self.emptyObject
            return self.succeed(command, bytes, data: empty.span)
        }
        self.succeed(command, bytes, data: bytes.extracting(data.range.indices))
    }

    /// `whoami`: identity, permissions and session of this connection.
    mutating func whoami(_ command: Command, _ bytes: Span<UInt8>) {
        guard let grant = self.connections[command.slot].grant else { return }
        var data: [UInt8] = []
        data.append("{\"identity\":")
        data.append(jsonString: grant.identity)
        data.append(",\"permissions\":[")
        for (index, pattern) in grant.permissions.enumerated() {
            if index > 0 { data.append(UInt8(ascii: ",")) }
            data.append(jsonString: pattern.text)
        }
        data.append("],\"session\":")
        data.append(jsonString: self.sessionID(ofConnection: command.slot))
        data.append(UInt8(ascii: "}"))
        self.succeed(command, bytes, data: data.span)
    }

    /// `channels`: the registered channels, and what can be asked of each.
    mutating func listChannels(_ command: Command, _ bytes: Span<UInt8>) {
        var data: [UInt8] = []
        data.append("{\"channels\":[")
        for (index, definition) in self.configuration.channels.enumerated() {
            if index > 0 { data.append(UInt8(ascii: ",")) }
            definition.append(to: &data)
        }
        data.append("]}")
        self.succeed(command, bytes, data: data.span)
    }
}

extension ChannelDefinition {
    /// What every channel offers beside its service's actions.
    private static let everywhere: [(name: String, description: String)] = [
        ("subscribe", "Receive the events of a topic."),
        ("unsubscribe", "Receive them no longer."),
    ]
    private static let publish = (name: "publish", description: "Send an event to the subscribers of its action.")
    private static let system: [(name: String, description: String)] = [
        ("ping", "Return the data."),
        ("whoami", "Return the identity, permissions and session of this connection."),
        ("channels", "List the channels and their actions."),
        ("resume", "Go on with an earlier session."),
        ("refresh", "Return a new session token; with a new key, go on under it."),
    ]

    /// Whether the loop answers `ping`, `resume` and the like on this channel.
    private var isSystem: Bool { self.name == "system" }

    fileprivate func append(to out: inout [UInt8]) {
        var actions = Self.everywhere
        if self.isOpenForPublishing { actions.append(Self.publish) }
        if self.isSystem { actions += Self.system }
        actions += self.actions
        out.append("{\"channel\":")
        out.append(jsonString: self.name)
        out.append(",\"actions\":[")
        for (index, action) in actions.enumerated() {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            out.append("{\"action\":")
            out.append(jsonString: action.name)
            out.append(",\"description\":")
            out.append(jsonString: action.description)
            out.append("}")
        }
        out.append("]}")
    }
}
