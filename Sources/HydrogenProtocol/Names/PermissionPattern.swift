/// What a key permits: `channel:action`, each side a name or `*`.
package struct PermissionPattern: Sendable, Hashable {
    /// nil for any.
    private let channel: [UInt8]?
    /// nil for any.
    private let action: [UInt8]?

    /// Nil where the text is no such pattern.
    package init?(_ text: Span<UInt8>) {
        guard let colon = text.indices.first(where: { text[$0] == UInt8(ascii: ":") }) else { return nil }
        let channel = text.extracting(..<colon)
        let action = text.extracting((colon + 1)...)
        let isAnyChannel = channel.isEqual(to: "*")
        let isAnyAction = action.isEqual(to: "*")
        guard isAnyChannel || ChannelName.isValid(channel), isAnyAction || ActionName.isValid(action) else {
            return nil
        }
        self.channel = isAnyChannel ? nil : [UInt8](channel)
        self.action = isAnyAction ? nil : [UInt8](action)
    }

    package init?(_ text: String) {
        self.init(text.utf8.span)
    }

    package func matches(channel: Span<UInt8>, action: Span<UInt8>) -> Bool {
        (self.channel.map { $0.span.isEqual(to: channel) } ?? true)
            && (self.action.map { $0.span.isEqual(to: action) } ?? true)
    }

    /// Whether it permits this action on any channel.
    package func allows(action: Span<UInt8>) -> Bool { self.action.map { $0.span.isEqual(to: action) } ?? true }

    /// The pattern as it was given.
    package var text: String {
        let channel = self.channel.map { String(decoding: $0, as: UTF8.self) } ?? "*"
        let action = self.action.map { String(decoding: $0, as: UTF8.self) } ?? "*"
        return "\(channel):\(action)"
    }
}
