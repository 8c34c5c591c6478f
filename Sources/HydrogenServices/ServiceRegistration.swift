/// Why a service cannot be registered.
public enum RegistrationError: Error, Equatable, CustomStringConvertible {
    /// Not `[a-z][a-z0-9_-]{0,63}`.
    case channelName(String)
    /// Not segments `[a-z][a-z0-9_-]*` joined by dots, or longer than 128 bytes.
    case actionName(String)
    /// An action that every channel has by itself.
    case reservedAction(String)
    /// Two actions of one name.
    case duplicateAction(String)
    /// More than `ServiceRegistration.maximumActionCount`.
    case tooManyActions(Int)

    public var description: String {
        switch self {
        case .channelName(let name): "\"\(name)\" is no channel name: [a-z][a-z0-9_-]{0,63}"
        case .actionName(let name):
            "\"\(name)\" is no action name: segments [a-z][a-z0-9_-]* joined by dots, at most 128 bytes"
        case .reservedAction(let name): "every channel has the action \"\(name)\" by itself"
        case .duplicateAction(let name): "the action \"\(name)\" comes twice"
        case .tooManyActions(let count):
            "\(count) actions; allowed: up to \(ServiceRegistration.maximumActionCount)"
        }
    }
}

/// A service under the name of its channel, with the actions that it had when it was registered.
package struct ServiceRegistration: Sendable {
    package static let maximumActionCount = 256
    /// What the shard answers itself, on every channel.
    package static let reservedActions = ["subscribe", "unsubscribe", "publish"]

    package let channel: String
    package let service: any Service
    /// In the service's order.
    package let actions: [Action]

    package init(channel: String, service: any Service) throws(RegistrationError) {
        let actions = service.actions
        guard NameGrammar.isChannel(channel.utf8) else { throw .channelName(channel) }
        guard actions.count <= Self.maximumActionCount else { throw .tooManyActions(actions.count) }
        var seen: Set<String> = []
        for action in actions {
            guard NameGrammar.isAction(action.name.utf8) else { throw .actionName(action.name) }
            guard !Self.reservedActions.contains(action.name) else { throw .reservedAction(action.name) }
            guard seen.insert(action.name).inserted else { throw .duplicateAction(action.name) }
        }
        self.channel = channel
        self.service = service
        self.actions = actions
    }
}

/// The names that the wire allows for channels and actions.
enum NameGrammar {
    static func isChannel(_ name: String.UTF8View) -> Bool { name.count <= 64 && self.isSegment(name[...]) }

    static func isAction(_ name: String.UTF8View) -> Bool {
        name.count <= 128
            && name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy(self.isSegment)
    }

    private static func isSegment(_ segment: Substring.UTF8View) -> Bool {
        guard let first = segment.first, self.isLetter(first) else { return false }
        return segment.allSatisfy { byte in
            self.isLetter(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
}
