/// Names a connection of one loop: a slot of its table, and which tenant of that slot is meant.
/// An id of an earlier generation never resolves again.
package struct ConnectionID: Sendable, Hashable {
    package var slot: UInt32
    /// From 1; 0 names nobody.
    package var generation: UInt32

    package init(slot: UInt32, generation: UInt32) {
        self.slot = slot
        self.generation = generation
    }

    /// Both halves in one word, for a C library's user pointer.
    package var bits: UInt64 { UInt64(self.generation) << 32 | UInt64(self.slot) }

    package init(bits: UInt64) {
        self.slot = UInt32(truncatingIfNeeded: bits)
        self.generation = UInt32(truncatingIfNeeded: bits >> 32)
    }
}

/// Names one loop of the server, from 0.
package typealias LoopIndex = Int

/// The order in which what waits for a connection leaves it.
package enum Priority: UInt8, Sendable, CaseIterable, Comparable {
    case critical, high, normal, low

    /// The name on the wire.
    package var name: StaticString {
        switch self {
        case .critical: "critical"
        case .high: "high"
        case .normal: "normal"
        case .low: "low"
        }
    }

    /// The more urgent one is the smaller one.
    package static func < (left: Priority, right: Priority) -> Bool { left.rawValue < right.rawValue }
}
