/// The zoo: bugs that this code could well have had, each a line at the place where it would live. The simulator's tests
/// let one after the other loose and demand that it is found.
///
/// They exist only where the package defines `HYDROGEN_ZOO`, which it does for debug builds: in a release build
/// `isLoose` is the constant false, and nothing is left of them.
package enum Bug: UInt8, Sendable, CaseIterable {
    /// A frame that arrives does not count as a sign of life.
    case idleTimerForgotten
    /// A deadline is taken for due a little early.
    case deadlineEarly
    /// The end of a closing handshake is not waited for any more.
    case closeTimeoutForgotten
    /// The gauge of a state is decremented twice when the transport is lost.
    case gaugeDecrementedTwice
    /// A connection that ended without a close frame keeps its place in `MaxConnections`.
    case connectionPlaceKept
    /// A handshake that timed out keeps its place in `MaxHandshakes`.
    case handshakePlaceKept
    /// A slot is given out again under the same generation.
    case generationNotRaised
    /// Fragments of messages are put together in one buffer for all connections.
    case fragmentBufferShared
    /// The close frame overtakes what is queued.
    case closeBeforeQueue
    /// A drain does not wait for the responses that services owe.
    case drainForgetsResponses
    /// An event's filter reads the members of the event before.
    case filterOfTheEventBefore
    /// A subscription outlives its session.
    case subscriptionKept
    /// The place of a mail that tells receivers is never given back.
    case mailPlaceKept
    /// A service's answer that comes after `CommandTimeout` is sent all the same.
    case answeredTwice
    /// The bound of a send queue counts frames that have left.
    case sendQueueUnbounded
    /// A key's repeat that another loop keeps is published again.
    case publishKeyForgotten

    #if HYDROGEN_ZOO
        @TaskLocal private static var loose: Bug?

        package var isLoose: Bool { Bug.loose == self }

        /// Runs something with a bug in it. Others that run at the same time have none.
        package static func letLoose<Result>(_ bug: Bug?, _ body: () throws -> Result) rethrows -> Result {
            try Bug.$loose.withValue(bug, operation: body)
        }
    #else
        @inlinable package var isLoose: Bool { false }
    #endif
}
