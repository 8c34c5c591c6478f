import HydrogenProtocol
import HydrogenShard

/// Something that happens at a time that the scenario names.
package struct TimelineEntry: Sendable {
    package var at: Interval
    package var event: TimelineEvent

    package init(at: Interval, _ event: TimelineEvent) {
        self.at = at
        self.event = event
    }
}

package enum TimelineEvent: Sendable {
    /// The server is killed: every connection is reset. It is back after `down`.
    case restart(down: Interval)
    /// The server drains as at SIGTERM, and is back after `down` from its end; nil: it stays away.
    case drain(down: Interval?)
    /// A share of a group (index; nil: of everybody), of a million, loses its power without a word, and has it back
    /// after `duration`: the clients start anew, within `spread` of each other.
    case powerCut(group: Int?, perMillion: Int, duration: Interval, spread: Interval)
    /// As a power cut, but only the network is gone: connections may survive it.
    case networkCut(group: Int?, perMillion: Int, duration: Interval)
    case wallClockJump(Interval)
    /// These rates hold instead of the scenario's for so long.
    case faults(FaultRates, duration: Interval)
    /// A service behaves so for so long.
    case service(ServiceBehaviour, duration: Interval)
    /// SIGHUP with another policy.
    case reload(ShardPolicy)
    /// SIGHUP with a key file in which this key (index) is revoked.
    case revokeKey(Int)
    /// An operator disconnects an identity.
    case disconnect(identity: String)
}
