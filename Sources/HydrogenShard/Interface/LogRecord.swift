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
    /// Somebody is blocked from now on; or would be, while blocking is on trial.
    case blocked(BlockDescription)
    case blockEnded(BlockDescription, BlockEnd)
    /// What a limit on trial would have refused: the last one, and how many there were since the last such record.
    case limitWouldRefuse(LimitName, Offender, count: Int)
    /// A rule of our own was broken; the connection was closed with 1011.
    case programmingError(ConnectionID, String)
}

/// Why a block ended.
package enum BlockEnd: Sendable {
    case expired
    /// An operator ended it, or a reload ended all.
    case lifted
}
