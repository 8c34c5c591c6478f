/// An action as the configuration names those that must be signed: `channel.action`, split at the first dot, as no
/// channel has one.
package struct SignedAction: Sendable, Hashable {
    package let channel: [UInt8]
    package let action: [UInt8]

    /// Nil where the text is no such name.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard let dot = bytes.firstIndex(of: UInt8(ascii: ".")) else { return nil }
        let (channel, action) = (Array(bytes[..<dot]), Array(bytes[(dot + 1)...]))
        guard ChannelName.isValid(channel.span), ActionName.isValid(action.span) else { return nil }
        self.channel = channel
        self.action = action
    }

    /// As it was given.
    package var text: String {
        String(decoding: self.channel + [UInt8(ascii: ".")] + self.action, as: UTF8.self)
    }

    package func matches(channel: Span<UInt8>, action: Span<UInt8>) -> Bool {
        self.channel.span.isEqual(to: channel) && self.action.span.isEqual(to: action)
    }
}
