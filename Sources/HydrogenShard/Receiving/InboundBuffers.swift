/// Buffers for messages that come in pieces, to be used again: a burst of small messages is cut where the transport's
/// reads end, so that of eight commands under way one would allocate twice. A connection holds one only while a message
/// of its is open.
struct InboundBuffers {
    /// So many are kept, of so many bytes each: a quarter of a megabyte per loop.
    static let maxCount = 256
    static let maxByteCount = 1_024

    private var spares: [[UInt8]] = []

    var count: Int { self.spares.count }

    /// An empty buffer, which has room if one was given back.
    mutating func take() -> [UInt8] { self.spares.popLast() ?? [] }

    /// Keeps a buffer that is not needed any more, unless it is large or there are enough.
    mutating func giveBack(_ buffer: consuming [UInt8]) {
        guard buffer.capacity <= Self.maxByteCount, self.spares.count < Self.maxCount else { return }
        buffer.removeAll(keepingCapacity: true)
        self.spares.append(buffer)
    }
}
