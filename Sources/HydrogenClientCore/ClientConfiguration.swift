import HydrogenProtocol

/// What all clients of a driver share.
package struct ClientConfiguration: Sendable, Hashable {
    package var lifecycle = ClientStateMachine.Settings()
    /// How long an acknowledgement may wait for others to go with it; zero: it goes at once.
    package var acknowledgeDelay: Interval = .milliseconds(50)
    /// So many acknowledgements never wait.
    package var acknowledgeBatch: Int32 = 32
    /// Commands that are not answered yet.
    package var maxCommands: Int32 = 1024
    package var maxSubscriptions: Int32 = 1024
    /// Events that were delivered and are not acknowledged yet. No server sends more than its `Delivery.Window`, which
    /// is 10,000 at most.
    package var maxUnacknowledged: Int32 = 10_000

    /// The actions that are signed: those that the server's configuration wants signed.
    package var signedActions: [SignedAction] = []

    package init() {}
}

/// What a client is asked and does not take.
package enum ClientError: Error, Sendable, Hashable {
    /// It is not started, or it has ended.
    case notRunning
    /// `maxCommands` or `maxSubscriptions` is reached.
    case tooMany
    /// Longer than the server's `max_message_bytes`.
    case tooLarge
    case invalidChannel
    case invalidAction
    /// Not the text of a JSON object.
    case invalidData
}
