import HydrogenClientCore

extension HydrogenClient {
    /// How an event is published.
    public struct PublishOptions: Sendable, Hashable {
        /// Kept for each receiver until it acknowledges the event, also while it is away.
        public var guaranteed = false
        public var priority = Priority.normal
        /// Kept as the last event of its action: a new subscriber gets it at once.
        public var retain = false
        /// 1 to 128 bytes: a repeat under the same key within five minutes publishes nothing. With a key the client
        /// repeats the publish by itself when a connection is lost before the answer.
        public var key: String?
        /// Ask how many sessions receive it.
        public var count = false
        public var audience = Audience.subscribers

        public init(
            guaranteed: Bool = false, priority: Priority = .normal, retain: Bool = false, key: String? = nil,
            count: Bool = false, audience: Audience = .subscribers
        ) {
            self.guaranteed = guaranteed
            self.priority = priority
            self.retain = retain
            self.key = key
            self.count = count
            self.audience = audience
        }

        var core: HydrogenClientCore.PublishOptions {
            var options = HydrogenClientCore.PublishOptions()
            options.isGuaranteed = self.guaranteed
            options.priority = self.priority.wire
            options.isRetained = self.retain
            options.key = self.key
            options.countsReceivers = self.count
            switch self.audience {
            case .subscribers: break
            case .identity(let identity): options.identity = identity
            case .session(let session): options.session = session
            case .everySession: options.reachesAll = true
            }
            return options
        }
    }

    /// Whom an event is for.
    public enum Audience: Sendable, Hashable {
        /// Who subscribed to it.
        case subscribers
        /// Of them, those of this identity.
        case identity(String)
        /// Of them, this session.
        case session(String)
        /// Every session, subscribed or not. Needs `system:admin`.
        case everySession
    }
}
