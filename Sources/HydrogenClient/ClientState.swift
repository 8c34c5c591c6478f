extension HydrogenClient {
    /// Where a client stands.
    public enum State: Sendable, Hashable {
        /// An attempt is under way.
        case connecting
        /// In service; the id of the session.
        case connected(session: String)
        /// Not connected: why, and when the next attempt begins.
        case waiting(Reason, retryIn: Duration)
        /// Over for good, or not started.
        case stopped(Reason)
    }

    /// Why a client is not connected.
    public enum Reason: Sendable, Hashable {
        /// It was not started.
        case notStarted
        /// `close` was called, or nobody holds the client any more.
        case closed
        /// The server closed with this code. It comes back after those of which the protocol says so.
        case closedByServer(code: Int)
        /// The server refused the connection with this HTTP status, and its reason where it told one.
        case refused(status: Int, ServerError?)
        /// There was no connection, or it was lost: what is known of it.
        case unreachable(String)
        /// The server sent what no server of this protocol sends.
        case violation

        package var failure: Failure {
            switch self {
            case .notStarted, .closed: .closed
            case .closedByServer(let code): .closedByServer(code: code)
            case .refused(let status, let error): .refusedConnection(status: status, error)
            case .unreachable(let text): .unreachable(text)
            case .violation: .violation
            }
        }
    }

    /// What a user of the client may want to know beside its state.
    public enum Notice: Sendable, Hashable {
        /// A session began that is not the one before: events that were not acknowledged there are lost. Subscriptions
        /// are made anew.
        case newSession(String)
        /// These offsets will never be delivered.
        case gap(ClosedRange<Int64>)
        /// The server has taken back a subscription for good: it is kept no more.
        case subscriptionLost(channel: String, Failure)
    }
}
