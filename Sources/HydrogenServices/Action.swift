/// One thing that a channel can do. Whoever calls it needs the permission `channel:action`.
public struct Action: Sendable, Hashable {
    /// Segments `[a-z][a-z0-9_-]*` joined by dots, at most 128 bytes; the same grammar as `action` on the wire.
    public let name: String
    /// One sentence for people, shown by `system/channels`.
    public let description: String

    public init(_ name: String, _ description: String) {
        self.name = name
        self.description = description
    }

    /// The pattern that a key needs for this action on `channel`, as in `printer-farm:start`.
    public func permission(on channel: String) -> String { "\(channel):\(self.name)" }
}
