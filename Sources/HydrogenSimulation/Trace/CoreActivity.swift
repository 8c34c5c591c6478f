import HydrogenProtocol
import HydrogenShard

/// What happens between a loop's core and its driver, as it happens: for who compares it with what the same core does
/// under another driver. `wrote` is told when the transport has taken the bytes.
package enum CoreActivity: Sendable {
    /// The driver calls the core.
    case called(TransportGrammar.Call, ConnectionID)
    /// A piece of a message came from the client: it is handed over in as many chunks as `called` tells.
    case received([UInt8], Fragment, ConnectionID)
    case stepped(MachineStep)
    case wanted(Effect)
    case wrote([UInt8], ConnectionID)
}
