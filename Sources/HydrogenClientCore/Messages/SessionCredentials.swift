import HydrogenProtocol

/// What it takes to speak in a session and to resume it.
package struct SessionCredentials: Sendable, Hashable {
    package var id: [UInt8]
    /// Of the latest answer that held one.
    package var token: [UInt8]
}

/// What the event `system/session` says that the client needs.
struct SessionGreeting: Sendable {
    var credentials: SessionCredentials
    /// Whether the server keeps sessions beyond their connections.
    var isResumable: Bool
    var maxMessageBytes: Int
    /// Signs the commands of this connection; nil where the greeting says nothing that one could sign with.
    var signingKey: [UInt8]?
    /// The server's clock.
    var sentAt: WallTime?

    /// nil for anything that is not the greeting of this protocol's version.
    init?(_ message: ServerMessage, in bytes: Span<UInt8>) {
        guard message.kind == .event, message.isAbout("system", "session", in: bytes),
            var members = message.data?.members
        else { return nil }
        var (id, token, signingKey): ([UInt8]?, [UInt8]?, [UInt8]?)
        var (version, window, limit): (Int64?, Int64, Int64?) = (nil, 0, nil)
        while let member = members.next(in: bytes) {
            let (name, value) = (member.name, member.value)
            if name.equals("session", in: bytes) {
                id = value.text?.decoded(in: bytes)
            } else if name.equals("token", in: bytes) {
                token = value.text?.decoded(in: bytes)
            } else if name.equals("signing_key", in: bytes) {
                signingKey = value.text?.decoded(in: bytes)
            } else if name.equals("protocol", in: bytes) {
                version = value.integer(in: bytes)
            } else if name.equals("resume_window_ms", in: bytes) {
                window = value.integer(in: bytes) ?? 0
            } else if name.equals("max_message_bytes", in: bytes) {
                limit = value.integer(in: bytes)
            }
        }
        guard let id, let token, version == 1 else { return nil }
        self.credentials = SessionCredentials(id: id, token: token)
        self.isResumable = window > 0
        self.maxMessageBytes = Int(clamping: limit ?? Int64.max)
        self.signingKey = signingKey
        self.sentAt = message.timestamp?.withBytes(in: bytes, Timestamp.parse)
    }
}
