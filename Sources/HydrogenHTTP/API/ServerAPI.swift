import HydrogenProtocol
import HydrogenShard

/// What the server API asks of the server. The closures are called on the daemon's thread, which serves nobody else
/// meanwhile: they do not wait. What they are given to answer with is called once, from any thread.
package struct ServerAPI: Sendable {
    /// Whose key this is; nil: there was none.
    package var authorize: @Sendable (_ token: [UInt8]?, PeerAddress) -> Result<Grant, APIRefusal>
    /// Charges one message to an identity.
    package var charge: @Sendable (Grant, PeerAddress) -> APIRefusal?
    package var publish: @Sendable (APIEvent, Grant, @escaping @Sendable (APIPublished) -> Void) -> Void
    /// How many connections there were to close; nil: some loop could not be asked.
    package var disconnect: @Sendable (ConnectionSelector, APIAuthor, @escaping @Sendable (Int?) -> Void) -> Void
    /// Connections from a place on.
    package var connections:
        @Sendable (APIPlace, _ limit: Int, @escaping @Sendable ([ConnectionDescription]?) -> Void) -> Void
    /// Sessions from a place on.
    package var sessions:
        @Sendable (APIPlace, _ limit: Int, @escaping @Sendable ([SessionDescription]?) -> Void) -> Void
    package var blocks: @Sendable (@escaping @Sendable ([BlockDescription]?) -> Void) -> Void
    package var liftBlocks: @Sendable (PeerAddress, APIAuthor, @escaping @Sendable (Int?) -> Void) -> Void
    /// The text of a new ticket.
    package var issueTicket:
        @Sendable (APITicket, Grant, @escaping @Sendable (Result<String, APIRefusal>) -> Void) -> Void
    /// Bounds of the configuration: `MaxMessageBytes`, `MaxJSONDepth`, `ThreadPoolSize`.
    package var maximumEventBytes: Int
    package var maximumDepth: Int
    package var loopCount: Int

    package init(
        authorize: @escaping @Sendable ([UInt8]?, PeerAddress) -> Result<Grant, APIRefusal>,
        charge: @escaping @Sendable (Grant, PeerAddress) -> APIRefusal?,
        publish: @escaping @Sendable (APIEvent, Grant, @escaping @Sendable (APIPublished) -> Void) -> Void,
        disconnect: @escaping @Sendable (ConnectionSelector, APIAuthor, @escaping @Sendable (Int?) -> Void) -> Void,
        connections: @escaping @Sendable (
            APIPlace, Int, @escaping @Sendable ([ConnectionDescription]?) -> Void
        ) -> Void,
        sessions: @escaping @Sendable (APIPlace, Int, @escaping @Sendable ([SessionDescription]?) -> Void) -> Void,
        blocks: @escaping @Sendable (@escaping @Sendable ([BlockDescription]?) -> Void) -> Void,
        liftBlocks: @escaping @Sendable (PeerAddress, APIAuthor, @escaping @Sendable (Int?) -> Void) -> Void,
        issueTicket: @escaping @Sendable (
            APITicket, Grant, @escaping @Sendable (Result<String, APIRefusal>) -> Void
        ) -> Void, maximumEventBytes: Int, maximumDepth: Int, loopCount: Int
    ) {
        self.authorize = authorize
        self.charge = charge
        self.publish = publish
        self.disconnect = disconnect
        self.connections = connections
        self.sessions = sessions
        self.blocks = blocks
        self.liftBlocks = liftBlocks
        self.issueTicket = issueTicket
        self.maximumEventBytes = maximumEventBytes
        self.maximumDepth = maximumDepth
        self.loopCount = loopCount
    }
}

/// Why a request, or an event, is refused.
package struct APIRefusal: Error, Sendable {
    package var error: ResponseError

    package init(_ code: ErrorCode, _ message: StaticString? = nil, wait: Interval? = nil) {
        self.error = ResponseError(
            code, message: message, retryAfterMilliseconds: wait.map { max(1, $0.millisecondsRoundedUp) })
    }
}

/// Who did something, and why, for the log.
package struct APIAuthor: Sendable {
    package var identity: String
    /// As the request says.
    package var reason: String?
}

/// An event to be published, with names and data that were checked.
package struct APIEvent: Sendable {
    /// Any name of a channel; whether it is registered was not looked at.
    package var channel: String
    package var request: PublishRequest
    /// The JSON text of an object.
    package var data: [UInt8]
}

/// What came of an event.
package enum APIPublished: Sendable {
    case accepted(event: String, receivers: Int?)
    case refused(APIRefusal)
}

/// Where a page of a list begins.
package struct APIPlace: Sendable, Equatable {
    package var loop = 0
    package var slot = 0
    /// Goes on behind this session instead, if it is still there.
    package var session: String?

    package init(loop: Int = 0, slot: Int = 0, session: String? = nil) {
        self.loop = loop
        self.slot = slot
        self.session = session
    }
}

/// What a ticket is to allow.
package struct APITicket: Sendable {
    package var identity: String
    package var permissions: [PermissionPattern]
    package var lifetime: Interval
}
