/// What a key opens: `channel:action`, each side a name or `*`.
package struct PermissionPattern: Sendable, Hashable {
    /// As it is written.
    package let text: String
    /// nil stands for `*`.
    private let channel: [UInt8]?
    private let action: [UInt8]?

    /// nil for anything but `channel:action`.
    package init?(_ text: String) {
        let sides = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard sides.count == 2 else { return nil }
        let (channel, action) = (Array(sides[0]), Array(sides[1]))
        let isAnyChannel = channel == [UInt8(ascii: "*")]
        let isAnyAction = action == [UInt8(ascii: "*")]
        guard isAnyChannel || ChannelName.isValid(channel.span), isAnyAction || ActionName.isValid(action.span)
        else { return nil }
        self.text = text
        self.channel = isAnyChannel ? nil : channel
        self.action = isAnyAction ? nil : action
    }

    package func matches(channel: Span<UInt8>, action: Span<UInt8>) -> Bool {
        Self.matches(self.channel, channel) && Self.matches(self.action, action)
    }

    private static func matches(_ side: [UInt8]?, _ name: Span<UInt8>) -> Bool {
        guard let side else { return true }
        return side.span.isEqual(to: name)
    }
}
