import HydrogenProtocol

/// What a text of the configuration must look like.
package enum TextRule: Sendable, CaseIterable {
    /// An IPv4 or IPv6 address in digits.
    case address
    /// The path of a URL, without query.
    case urlPath
    /// The path of a file; a relative one starts at the configuration file's folder.
    case file
    /// The path of a folder; a relative one starts at the configuration file's folder.
    case folder
    /// The name of a server.
    case node
    /// `channel:action`, each side a name or `*`.
    case permission
    /// `channel.action`.
    case signedAction
    /// `scheme://host[:port]`, or `*`.
    case origin
    /// A network in CIDR notation, or one address.
    case network
    /// A channel that is not built in.
    case channel

    /// Channels that are always there.
    package static let builtInChannels = ["system", "print", "network", "file"]

    /// What is allowed, for the end of a fault's line.
    package var allowed: String {
        switch self {
        case .address: "an IPv4 or IPv6 address in digits"
        case .urlPath: "a path of 1 to 1024 visible ASCII characters that starts with / and has no ? or #"
        case .file: "the path of a file, 1 to 4095 bytes"
        case .folder: "the path of a folder, 1 to 4095 bytes"
        case .node: "1 to 128 bytes without control characters"
        case .permission: "channel:action, each side a name or *"
        case .signedAction: "channel.action"
        case .origin: "scheme://host[:port] or *"
        case .network: "address/prefix length with no bits set behind the prefix, or an address"
        case .channel: "[a-z][a-z0-9_-]{0,63}, none of \(Self.builtInChannels.joined(separator: " "))"
        }
    }

    /// Whether a path that the configuration's folder completes.
    var isPath: Bool {
        switch self {
        case .file, .folder: true
        case .address, .urlPath, .node, .permission, .signedAction, .origin, .network, .channel: false
        }
    }

    /// Whether a text is as it must be.
    package func accepts(_ text: String) -> Bool {
        switch self {
        case .address: NetworkAddress(text) != nil
        case .urlPath: Self.isURLPath(text)
        case .file, .folder: !text.isEmpty && text.utf8.count <= 4_095 && !text.utf8.contains(0)
        case .node: EnvelopeID.isValid(text.utf8.span)
        case .permission: PermissionPattern(text) != nil
        case .signedAction: SignedAction(text) != nil
        case .origin: text == "*" || Origin(text) != nil
        case .network: Network(text) != nil
        case .channel: ChannelName.isValid(text.utf8.span) && !Self.builtInChannels.contains(text)
        }
    }

    private static func isURLPath(_ text: String) -> Bool {
        guard text.utf8.first == UInt8(ascii: "/"), text.utf8.count <= 1_024 else { return false }
        return text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
    }
}
