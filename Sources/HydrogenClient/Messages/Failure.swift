extension HydrogenClient {
    /// Why a call did not do what it was to do.
    public enum Failure: Error, Sendable, Hashable {
        /// The server answered with an error.
        case refused(ServerError)
        /// There was no answer in time. Whether the server did it is not known.
        case timedOut
        /// The connection was lost before the answer. Whether the server did it is not known.
        case connectionLost
        /// The client is closed, or was not started.
        case closed
        /// Too many commands or subscriptions are there already.
        case busy
        /// Longer than the server takes.
        case tooLarge
        case invalidURL
        /// Not one that a header can carry.
        case invalidKey
        /// Not `[a-z][a-z0-9_-]{0,63}`.
        case invalidChannel
        /// Not segments `[a-z][a-z0-9_-]*` joined by dots, of 128 bytes at most.
        case invalidAction
        /// Not a topic: segments of an action, `*` for one of them, `**` as the last.
        case invalidTopic
        /// Not a filter; what is wrong with it.
        case invalidFilter(String)
        /// The data does not encode as a JSON object; the reason.
        case invalidData(String)
        /// The server closed the connection for good.
        case closedByServer(code: Int)
        /// The server refused the connection with this HTTP status, and its reason where it told one.
        case refusedConnection(status: Int, ServerError?)
        /// There is no connection to the server; what is known of it.
        case unreachable(String)
        /// The server sent what no server of this protocol sends.
        case violation
        /// The system refused a thread, a descriptor, or the use of a file.
        case system(String)
    }

    /// An error as the server tells it.
    public struct ServerError: Sendable, Hashable {
        public var category: String
        public var code: String
        public var message: String
        /// Whether the same request may succeed later.
        public var isRetryable: Bool
        /// Not before this.
        public var retryAfter: Duration?

        public init(
            category: String, code: String, message: String, isRetryable: Bool, retryAfter: Duration? = nil
        ) {
            self.category = category
            self.code = code
            self.message = message
            self.isRetryable = isRetryable
            self.retryAfter = retryAfter
        }

        /// `category.code`, the name of an error everywhere.
        public var name: String { "\(self.category).\(self.code)" }
    }
}

extension HydrogenClient.Failure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .refused(let error): "\(error.name): \(error.message)"
        case .timedOut: "no answer in time"
        case .connectionLost: "the connection was lost before the answer"
        case .closed: "the client is closed"
        case .busy: "too much is waiting"
        case .tooLarge: "too long for the server"
        case .invalidURL: "not a ws:// or wss:// URL"
        case .invalidKey: "not a key"
        case .invalidChannel: "not the name of a channel"
        case .invalidAction: "not the name of an action"
        case .invalidTopic: "not a topic"
        case .invalidFilter(let text): "not a filter: \(text)"
        case .invalidData(let text): "not a JSON object: \(text)"
        case .closedByServer(let code): "closed by the server with \(code)"
        case .refusedConnection(let status, let error):
            "refused with HTTP status \(status)" + (error.map { ", \($0.name): \($0.message)" } ?? "")
        case .unreachable(let text): "no connection: \(text)"
        case .violation: "the server does not speak this protocol"
        case .system(let text): text
        }
    }
}
