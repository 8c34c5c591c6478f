import HydrogenProtocol

/// The actions that must be signed, by channel, so that an action is compared with those of its channel alone.
struct SignedActionTable {
    /// By index of the channel; empty while nothing must be signed.
    private var actions: [[[UInt8]]] = []

    init(_ actions: [SignedAction], channels: ChannelDirectory) {
        guard !actions.isEmpty else { return }
        self.actions = Array(repeating: [], count: channels.indices.count)
        for action in actions {
            // A channel that is not registered has no actions.
            guard let channel = channels.index(of: action.channel.span) else { continue }
            self.actions[channel].append(action.action)
        }
    }

    var isEmpty: Bool { self.actions.isEmpty }

    func contains(channel: Int, action: Span<UInt8>) -> Bool {
        for name in self.actions[channel] where name.span.isEqual(to: action) { return true }
        return false
    }
}
