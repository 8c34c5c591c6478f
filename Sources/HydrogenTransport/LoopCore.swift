import HydrogenProtocol
import HydrogenShard

/// The core as its loop sees it: `Shard`, and in the tests of the loop a core that follows a script.
///
/// Nothing of lws but a write through `write` happens inside of these calls; what else must be done comes back by
/// `nextEffect`.
package protocol LoopCore: ~Copyable {
    /// The C functions that lead back to a loop of this core.
    static var trampolines: LoopTrampolines { get }

    /// A socket was accepted. nil: it is to be closed at once.
    mutating func accepted(_ peer: PeerAddress, at now: Moment) -> ConnectionID?
    /// The HTTP request was read, whether it asks for an upgrade or not.
    mutating func requested(_ request: HandshakeRequest, on id: ConnectionID, at now: Moment) -> HandshakeDecision
    /// The 101 was sent: messages may flow.
    mutating func upgraded(_ id: ConnectionID, at now: Moment)
    /// A chunk of a message, unmasked; empty for an empty fragment.
    mutating func received(_ bytes: Span<UInt8>, _ fragment: Fragment, on id: ConnectionID, at now: Moment)
    /// A pong with a payload (lws shows no other).
    mutating func pongReceived(on id: ConnectionID, at now: Moment)
    /// The peer's close frame, which lws answers.
    mutating func closeReceived(_ code: UInt16?, on id: ConnectionID, at now: Moment)
    /// lws found a fault of the peer's framing, or we did, in its first frame. lws closes by itself with this code
    /// (1002 or 1007); where it does not, the core's own close follows.
    mutating func framingFailed(_ code: CloseCode, on id: ConnectionID, at now: Moment)
    /// The socket is gone: exactly once per accepted connection.
    mutating func transportEnded(_ id: ConnectionID, _ reason: TransportEnd, at now: Moment)
    /// The transport can take bytes again.
    mutating func writable(_ id: ConnectionID, at now: Moment, write: (Span<UInt8>) -> WriteOutcome)
    mutating func deliver(_ mail: consuming Mail, at now: Moment)
    mutating func supply(entropy: Span<UInt8>)
    /// What the store has kept: before anything else but the first entropy, in one piece or several.
    mutating func restore(_ state: RestoredState, at now: Moment)

    /// How many random bytes the core wants now.
    var entropyNeededCount: Int { get }
    mutating func advance(to now: Moment)
    /// The end of a pass of the loop: what is due is written, what is over is freed.
    mutating func endTurn(at now: Moment, write: (ConnectionID, Span<UInt8>) -> WriteOutcome)
    /// Whether so much is due that it should be written before the end of the pass, by `flush`.
    var isFlushDue: Bool { get }
    mutating func flush(at now: Moment, write: (ConnectionID, Span<UInt8>) -> WriteOutcome)
    /// How long the work of a pass took.
    mutating func passed(in duration: Interval)
    /// When the first time-out of a connection is due: noticed at the next tick of the service interval.
    var nextTimeout: Instant? { get }
    /// When `advance` is due for all else.
    var nextDeadline: Instant? { mutating get }
    /// Whether there is an effect: most messages have none, and to look costs less than to take nothing.
    var hasEffects: Bool { get }
    mutating func nextEffect() -> Effect?
    var connectionCount: Int { get }
}

extension LoopCore where Self: ~Copyable {
    package mutating func passed(in duration: Interval) {}
    package mutating func restore(_ state: RestoredState, at now: Moment) {}
    package var hasEffects: Bool { true }
}

extension Shard: LoopCore {}
