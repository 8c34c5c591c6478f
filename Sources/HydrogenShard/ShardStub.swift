import HydrogenProtocol

package enum Mail: Sendable { case drain(spread: Interval) }
package enum LogRecord: Sendable { case nothing }
package struct ServiceRequest: Sendable {}

package enum Effect: Sendable {
    case requestWritable(ConnectionID)
    case close(ConnectionID, CloseCode, reason: ErrorCode?)
    case abort(ConnectionID)
    case post(Mail, to: LoopIndex)
    case dispatch(ServiceRequest)
    case log(LogRecord)
    case drained
}

/// Accepts everything; thrown away at the merge.
package struct Shard: ~Copyable {
    package init() {}
    package mutating func accepted(_ peer: PeerAddress, at now: Moment) -> ConnectionID? { nil }
    package mutating func requested(_ request: HandshakeRequest, on id: ConnectionID, at now: Moment)
        -> HandshakeDecision
    { .drop }
    package mutating func upgraded(_ id: ConnectionID, at now: Moment) {}
    package mutating func received(
        _ bytes: Span<UInt8>, _ fragment: Fragment, on id: ConnectionID, at now: Moment
    ) {}
    package mutating func pongReceived(on id: ConnectionID, at now: Moment) {}
    package mutating func closeReceived(_ code: UInt16?, on id: ConnectionID, at now: Moment) {}
    package mutating func framingFailed(_ code: CloseCode, on id: ConnectionID, at now: Moment) {}
    package mutating func transportEnded(_ id: ConnectionID, _ reason: TransportEnd, at now: Moment) {}
    package mutating func writable(_ id: ConnectionID, at now: Moment, write: (Span<UInt8>) -> WriteOutcome) {}
    package mutating func deliver(_ mail: consuming Mail, at now: Moment) {}
    package mutating func supply(entropy: Span<UInt8>) {}
    package var entropyNeededCount: Int { 0 }
    package mutating func advance(to now: Moment) {}
    package mutating func endTurn(at now: Moment, write: (ConnectionID, Span<UInt8>) -> WriteOutcome) {}
    package var isFlushDue: Bool { false }
    package mutating func flush(at now: Moment, write: (ConnectionID, Span<UInt8>) -> WriteOutcome) {}
    package var nextDeadline: Instant? { mutating get { nil } }
    package mutating func nextEffect() -> Effect? { nil }
    package var connectionCount: Int { 0 }
}
