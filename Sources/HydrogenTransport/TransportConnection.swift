import CLibev
import HydrogenProtocol
import HydrogenShard

/// What a loop remembers of one connection, beside what its core knows.
@safe struct TransportConnection {
    /// How far the transport of a connection is.
    enum Phase {
        /// Adopted; TLS and the HTTP request are arriving, or the 101 is on its way.
        case handshake
        /// An HTTP answer other than 101 was written. lws closes.
        case answered
        /// Messages flow.
        case open
        /// The core asked for the close frame: it goes out in WRITEABLE, once nothing is buffered.
        case closeAsked
        /// The close frame is lws's business now: every callback until the end is ignored.
        case closing
    }

    /// From 1; 0 while the slot has no transport.
    var generation: UInt32
    /// lws's connection; nil while it is being adopted.
    var wsi: OpaquePointer?
    var phase = Phase.handshake
    /// Whether what the peer still sends is dropped: it broke the rules of frames.
    var isDeaf = false
    /// The text of a message in chunks, as far as it came.
    var textCheck = UTF8Check()
    /// What the core is told as the reason, when the end comes.
    var end = TransportEnd.lost
    var closeCode = UInt16(0)
    var closeReason: ErrorCode?
    #if DEBUG
        /// What the core was told so far.
        var grammar = TransportGrammar()
    #endif
    /// Waits for the first frame, whose mask is checked.
    var maskWatcher: UnsafeMutablePointer<hydrogen_watcher>?

    init(generation: UInt32) { self.generation = generation }

    /// An empty slot.
    static var none: TransportConnection { TransportConnection(generation: 0) }
}

/// The transports of a loop by the slots of its core.
struct TransportTable {
    private var slots: [TransportConnection] = []

    subscript(slot: UInt32) -> TransportConnection {
        _read { yield self.slots[Int(slot)] }
        _modify { yield &self.slots[Int(slot)] }
    }

    /// Makes room for a slot. Slots are dense: the table is as large as the core's.
    mutating func grow(toHold slot: UInt32) {
        while self.slots.count <= Int(slot) { self.slots.append(.none) }
    }

    /// Whether this very connection has a transport.
    func holds(_ id: ConnectionID) -> Bool {
        Int(id.slot) < self.slots.count && id.generation != 0 && self.slots[Int(id.slot)].generation == id.generation
    }

    /// Every connection that has a transport, in the order of slots.
    var ids: [ConnectionID] {
        self.slots.indices.compactMap { index in
            let generation = self.slots[index].generation
            return generation == 0 ? nil : ConnectionID(slot: UInt32(index), generation: generation)
        }
    }
}
