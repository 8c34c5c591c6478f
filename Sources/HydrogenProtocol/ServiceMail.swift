/// A command on its way from a loop to the thread of the service that handles it. Everything that the shard had to
/// check (envelope, token, permission, that the action exists) is done.
package struct ServiceRequest: Sendable {
    /// The service, by its place in the order of registration.
    package var service: Int
    /// The loop that waits for the answer.
    package var loop: LoopIndex
    /// With `generation`: names the command in that loop's shard. An answer to an earlier generation finds nothing.
    package var slot: UInt32
    package var generation: UInt32
    package var channel: String
    package var action: String
    /// The JSON text of `data` as sent, from `{` to `}`; `{}` if it was absent.
    package var data: [UInt8]
    package var identity: String
    package var session: String
    /// When the shard answers `application.timeout` by itself.
    package var deadline: Instant

    package init(
        service: Int, loop: LoopIndex, slot: UInt32, generation: UInt32, channel: String, action: String,
        data: [UInt8], identity: String, session: String, deadline: Instant
    ) {
        self.service = service
        self.loop = loop
        self.slot = slot
        self.generation = generation
        self.channel = channel
        self.action = action
        self.data = data
        self.identity = identity
        self.session = session
        self.deadline = deadline
    }
}

/// What came of a command, on its way back to the loop that asked. There is exactly one for every request.
package struct ServiceAnswer: Sendable, Equatable {
    /// With `generation`: the request's.
    package var slot: UInt32
    package var generation: UInt32
    package var outcome: Outcome

    package init(slot: UInt32, generation: UInt32, outcome: Outcome) {
        self.slot = slot
        self.generation = generation
        self.outcome = outcome
    }

    package enum Outcome: Sendable, Equatable {
        /// The JSON text of the response's `data`, an object.
        case success([UInt8])
        /// One of the codes of category application; the details are for the log alone, never for the wire.
        case failure(ErrorCode, details: String)
    }
}
