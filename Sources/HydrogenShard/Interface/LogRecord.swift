import HydrogenProtocol

/// What is worth a line in the log. Fields are raw: who writes them escapes them. None holds a token.
package enum LogRecord: Sendable {
    case opened(ConnectionID, session: String, identity: String, PeerAddress)
    /// A connection goes on with an earlier session.
    case resumed(ConnectionID, session: String)
    case refused(PeerAddress, ErrorCode, status: Int)
    /// `code` is the close code of section 9 that counts for this connection.
    case closed(ConnectionID, session: String, identity: String, PeerAddress, code: UInt16, after: Interval, received: UInt64, sent: UInt64)
    /// Dropped before it was established.
    case dropped(PeerAddress, ErrorCode)
    /// A context was freed although a service still held it.
    case orphanCollected(ConnectionID, references: Int)
    /// A service failed a command; `details` stay off the wire.
    case serviceFailed(channel: String, action: String, code: ErrorCode, details: String)
    /// A session will never get a guaranteed event.
    case deadLetter(
        event: EventID, channel: String, action: String, session: String, identity: String, offset: Int64,
        attempts: Int)
    /// A rule of our own was broken; the connection was closed with 1011.
    case programmingError(ConnectionID, String)
}
