import HydrogenConnection
import HydrogenProtocol

/// One step of the machine of one connection, for who checks, counts or draws them.
package struct MachineStep: Sendable {
    package var id: ConnectionID
    package var event: ConnectionStateMachine.EventKind
    package var before: ConnectionStateMachine.Kind
    package var after: ConnectionStateMachine.Kind
    package var action: ConnectionStateMachine.ActionKind
}

extension Shard {
    /// From now on every step of a machine is kept until `takeSteps`: for a driver that checks the shard.
    package mutating func keepSteps() { self.journal = [] }

    /// Hands over the steps since the last time, in order, by exchanging buffers.
    /// - Parameter steps: empty; its memory is used from now on.
    package mutating func takeSteps(into steps: inout [MachineStep]) {
        guard self.journal?.isEmpty == false else { return }
        var taken: [MachineStep]? = steps
        swap(&taken, &self.journal)
        steps = taken ?? []
    }
}
