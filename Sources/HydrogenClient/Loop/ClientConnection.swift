/// The one transport of a client: where it is, and what is to be done to it.
@safe struct ClientConnection {
    enum Phase {
        case none, opening, open
        /// Our close frame is out: lws is not to be told once more.
        case closing
    }

    var phase = Phase.none
    /// Names the attempt, so that a late word about an earlier one is not taken for this.
    var attempt: UInt64 = 0
    /// lws's connection, from the attempt to its end.
    var wsi: OpaquePointer?
    /// A transport is to be opened.
    var isWanted = false
    /// The transport is to be ended at once.
    var isAbortWanted = false
    /// The transport is to be closed with this code, once everything has left.
    var closeCode: UInt16?
    /// The code of the server's close frame.
    var peerCode: UInt16?
    /// The HTTP status of the answer to the upgrade.
    var status: UInt16?
    /// The beginning of the body of a refusal.
    var body: [UInt8] = []
    /// The header `Retry-After`, in seconds.
    var retryAfterSeconds: Int64?
    /// Why the server's certificate was not accepted.
    var certificateFault: String?
    /// A message of which not all has come.
    var message: [UInt8] = []
    /// Why the last attempt or connection ended, for people.
    var failure = ""
    /// The thread ends: nothing is told any more.
    var isOver = false

    /// For the next attempt.
    mutating func reset() {
        var next = ClientConnection()
        next.attempt = self.attempt + 1
        next.failure = self.failure
        next.isOver = self.isOver
        self = next
    }
}
