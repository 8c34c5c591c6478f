import Synchronization

/// A member that makes the compiler pass the structure which has it by its address, always.
///
/// Other structures may lie in registers as well as in memory, and to a method that only reads it, one that lies in memory
/// is given as a copy, whatever its size: 2.3 kB of a shard for each command, and several times for a guaranteed publish.
/// An atomic variable has to stay where it is. Nobody reads or writes this one.
package struct AddressOnly: ~Copyable, Sendable {
    private let place = Atomic(false)

    package init() {}
}
