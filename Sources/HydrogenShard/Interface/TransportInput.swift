/// Where a chunk of a message stands in it.
package struct Fragment: Sendable {
    package var isBinary: Bool
    package var isFirst: Bool
    package var isLast: Bool

    package init(isBinary: Bool, isFirst: Bool, isLast: Bool) {
        self.isBinary = isBinary
        self.isFirst = isFirst
        self.isLast = isLast
    }
}

/// How the transport of a connection ended.
package enum TransportEnd: Sendable {
    /// The closing handshake was finished; the code is the peer's, nil if its close frame had none.
    case closed(UInt16?)
    /// The socket ended, was reset or failed without it.
    case lost
    /// The server ended it itself, by `abort`.
    case aborted
    /// TLS could not be agreed on.
    case tls
}

/// What became of a write.
package enum WriteOutcome: Sendable {
    /// The transport has all bytes.
    case taken
    /// It took nothing: offer them again when it is writable.
    case choked
    /// It took nothing and never will: the transport's end follows.
    case failed
}
