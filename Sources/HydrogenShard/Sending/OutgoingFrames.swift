import HydrogenProtocol

/// What a frame is, for the counters.
enum FrameKind {
    case response
    case event(publishedAt: Instant)
    /// The next of the connection's sendings, whichever it is by then: such an entry keeps the place, and has no bytes.
    case guaranteed
    /// An event of this connection alone, which nobody published: `system/session`.
    case notice
    /// A ping.
    case control
}

/// The frames that this pass of the loop made due: their bytes once, however many connections they go to, and a short
/// chain of entries per connection. Emptied at the end of each pass; what a connection could not take is copied to its
/// backlog then.
struct OutgoingFrames {
    /// The end of a chain.
    static let none = UInt32.max

    /// One frame that one connection is to get.
    struct Entry {
        var frame: ByteRange
        /// The next entry of the same connection, or `none`.
        var next: UInt32
        var kind: FrameKind
        var priority: Priority
    }

    /// What is being built is appended here, between `beginFrame` and `endFrame`.
    var bytes: [UInt8] = []
    private(set) var entries: [Entry] = []

    var byteCount: Int { self.bytes.count }

    /// Starts a frame; its payload is appended to `bytes` next.
    /// - Returns: what `endFrame` wants to know.
    @inline(__always)
    mutating func beginFrame() -> Int { FrameHeader.reserve(in: &self.bytes) }

    /// Ends the frame that `beginFrame` started.
    /// - Returns: where it stands, header and payload.
    @inline(__always)
    mutating func endFrame(_ opcode: FrameHeader.Opcode, _ payloadStart: Int) -> ByteRange {
        let start = FrameHeader.complete(opcode, payloadStart: payloadStart, in: &self.bytes)
        return ByteRange(start, self.bytes.count)
    }

    /// Adds an entry to the chain that ends with `last`.
    /// - Returns: the index of the entry.
    @inline(__always)
    mutating func append(
        _ frame: ByteRange, _ kind: FrameKind, _ priority: Priority, after last: UInt32
    ) -> UInt32 {
        let index = UInt32(self.entries.count)
        self.entries.append(Entry(frame: frame, next: Self.none, kind: kind, priority: priority))
        if last != Self.none { self.entries[Int(last)].next = index }
        return index
    }

    /// Appends a frame to a buffer in which several leave together.
    @inline(__always)
    func copy(_ frame: ByteRange, to batch: inout [UInt8]) { batch.append(self.bytes.span, frame) }

    mutating func removeAll() {
        self.bytes.removeAll(keepingCapacity: true)
        self.entries.removeAll(keepingCapacity: true)
    }
}

extension FrameHeader {
    /// The payload of a frame of this size: the inverse of `count(payloadCount:)` and the payload together.
    static func payloadCount(ofFrame byteCount: Int) -> Int {
        byteCount < 128 ? byteCount - 2 : byteCount <= 0xffff + 4 ? byteCount - 4 : byteCount - 10
    }
}
