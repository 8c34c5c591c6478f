/// The zoo: bugs that this code could well have had, each a line at the place where it would live. The simulator's tests
/// let one after the other loose and demand that it is found.
///
/// They exist only where the package defines `HYDROGEN_ZOO`, which it does for debug builds: in a release build
/// `isLoose` is the constant false, and nothing is left of them.
package enum KnownBug: UInt8, Sendable, CaseIterable {
    /// A frame that arrives does not count as a sign of life.
    case idleTimerForgotten
    /// The patience with a silent peer begins with its last word instead of its missed heartbeat.
    case patienceTooShort
    /// The end of a closing handshake is waited for for ever.
    case closeTimeoutForgotten
    /// The gauge of a state is decremented twice when the transport is gone.
    case gaugeDecrementedTwice
    /// A connection that was lost keeps its place in `MaxConnections`.
    case connectionPlaceKept
    /// A handshake that took too long keeps its place in `MaxHandshakes`.
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
    /// The place of mail that was taken out of a mailbox is never free again.
    case mailPlaceKept
    /// A key that another loop keeps is never found to be taken.
    case publishKeyForgotten
    /// A service's answer that comes after `CommandTimeout` is sent all the same.
    case answeredTwice
    /// A service's answer goes to whoever has the slot by then.
    case answerToFreedSlot
    /// The send queue of a slow reader has no bound.
    case sendQueueUnbounded
    /// Every rate limit refills one token per second.
    case refillsOnePerSecond
    /// The second block of an offender is as short as the first.
    case blockNeverDoubles
    /// A live event is sent before the unacknowledged ones of a session that was resumed.
    case liveOvertakesReplay
    /// An ack of an offset frees the next one too.
    case ackFreesTheNextToo
    /// The home of a session sends its events to a connection of another loop before that knows of the session.
    case eventsBeforeAttachment
    /// A receiver is not told of its dead letters.
    case gapForgotten
    /// What is not acknowledged is never sent again.
    case neverSentAgain
    /// The id of a signed command is not remembered.
    case replayForgotten
    /// A signature is not looked at.
    case signatureNotCompared
    /// A ticket lets in as often as it is shown.
    case ticketUsedAgain
    /// A ticket is good for ever.
    case ticketNeverEnds
    /// A batch counts as committed as soon as the store has it.
    case answeredBeforeCommit
    /// What is acknowledged is there again after a restart.
    case restoreForgetsAcks
    /// The keys of publishes are not there again after a restart.
    case restoreForgetsKeys
    /// What died before a restart is told to nobody after it.
    case restoreForgetsGaps
    /// An offset that the store refused is no gap.
    case refusedOffsetForgotten

    #if HYDROGEN_ZOO
        @TaskLocal private static var loose: KnownBug?

        package var isLoose: Bool { KnownBug.loose == self }

        /// Runs something with a bug in it. Others that run at the same time have none.
        package static func letLoose<Result>(_ bug: KnownBug?, _ body: () throws -> Result) rethrows -> Result {
            try KnownBug.$loose.withValue(bug, operation: body)
        }
    #else
        @inlinable package var isLoose: Bool { false }
    #endif
}
