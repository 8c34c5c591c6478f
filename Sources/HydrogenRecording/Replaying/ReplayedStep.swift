import HydrogenProtocol
import HydrogenShard

/// A step as it was done again.
package struct ReplayedStep {
    package var loop: LoopIndex
    /// Among the steps of its loop, from 1.
    package var number: Int
    package var recorded: RecordedStep
    package var effects: [Effect] = []
    package var writes: [ReplayedWrite] = []
    package var result: ReplayedResult?
    /// What the machines of connections did, if that is kept.
    package var machineSteps: [MachineStep] = []
}

package struct ReplayedWrite {
    package var id: ConnectionID
    package var bytes: [UInt8]
    package var outcome: WriteOutcome
}

/// What a call returned.
package enum ReplayedResult {
    case admission(ConnectionID?)
    case decision(HandshakeDecision)
}

/// Where a replay is not what was recorded.
package struct ReplayDifference: Error, Sendable {
    package var loop: LoopIndex
    /// The step, from 1 on each loop.
    package var step: Int
    package var moment: Moment
    /// Where its block stands in the file.
    package var position: Int
    package var input: String
    package var recorded: String
    package var replayed: String
}
