import HydrogenProtocol

/// The order in which events that wait for one connection leave it.
public enum EventPriority: String, Sendable, Hashable, CaseIterable {
    case critical, high, normal, low

    package var priority: Priority {
        switch self {
        case .critical: .critical
        case .high: .high
        case .normal: .normal
        case .low: .low
        }
    }
}

/// How an event is delivered.
public struct EventOptions: Sendable, Hashable {
    /// Kept for each subscriber until it acknowledges the event, also while it is away.
    public var guaranteed: Bool
    public var priority: EventPriority
    /// Kept as the last event of its action: a new subscriber gets it at once.
    public var retain: Bool
    /// 1 to 128 bytes: a repeat under the same key within 5 minutes publishes nothing.
    public var key: String?

    public init(
        guaranteed: Bool = false, priority: EventPriority = .normal, retain: Bool = false, key: String? = nil
    ) {
        self.guaranteed = guaranteed
        self.priority = priority
        self.retain = retain
        self.key = key
    }
}

/// Why an event was not published.
public enum PublishError: Error, Equatable, Sendable {
    /// A loop has no place for it now. Nobody got it; the same event may be published later.
    case busy
    /// No registered channel has this name.
    case unknownChannel
    /// The store did not take it. Nobody gets it; the same event may be published later.
    case failed
    /// The server has not started or has stopped.
    case stopped
    /// Not an action name: segments `[a-z][a-z0-9_-]*` joined by dots, at most 128 bytes.
    case invalidAction
    /// The data is no JSON object; the reason is for the log.
    case invalidData(String)
    /// The data has more bytes than fit in a message.
    case tooLarge
    /// The key has not 1 to 128 bytes.
    case invalidKey
}

/// An event on its way from a service to the loops. Names, key and data are checked.
package struct ServiceEvent: Sendable, Equatable {
    package var channel: String
    package var action: String
    /// The JSON text of an object.
    package var data: [UInt8]
    package var options: EventOptions

    package init(channel: String, action: String, data: [UInt8], options: EventOptions) {
        self.channel = channel
        self.action = action
        self.data = data
        self.options = options
    }
}
