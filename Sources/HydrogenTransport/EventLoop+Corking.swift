import CLibev
import CLibwebsockets
import HydrogenProtocol
import HydrogenShard

/// Peers that send many messages at a time. lws reads about a kilobyte of a socket when libev tells it to, and the loop
/// writes at the end of a pass: eight commands of 236 bytes would be answered by two writes, and 16 publishes would go to
/// each of 1,000 subscribers by five. So a socket that filled a read to its end is read again at once, as if epoll had told so
/// once more, and what comes of it leaves in one write. A write costs 4 µs, a read of nothing 0.3 µs.
struct Corking {
    /// Who sent what was read last, how many bytes of it were seen, and how many times it was read again in this pass.
    var lastSender = ConnectionID(slot: 0, generation: 0)
    var byteCount = 0
    var readAgainCount = 0

    /// At most so many, so that a peer that never stops sending does not keep others from their turn.
    static let maxReadAgainCount = 16

    /// The header of a frame of up to 64 kB that a client sends (RFC 6455 §5.2). Where a read cuts a frame, or the frame is
    /// short, it is less: then a socket may be read once for nothing.
    static let frameHeaderByteCount = 8

    /// Takes note of a part of a message. lws hands out all of a read, one after the other.
    /// - Returns: whether a read of this size has been filled by it.
    @inline(__always)
    mutating func fills(_ readByteCount: Int, _ id: ConnectionID, _ byteCount: Int) -> Bool {
        if self.lastSender.bits != id.bits { self = Corking(lastSender: id) }
        self.byteCount &+= byteCount &+ Self.frameHeaderByteCount
        guard self.byteCount >= readByteCount, self.readAgainCount < Self.maxReadAgainCount else { return false }
        self.byteCount = 0
        self.readAgainCount &+= 1
        return true
    }
}

extension EventLoop where Core: ~Copyable {
    /// A connection sent a part of a message: if its socket holds more, that is next.
    @inline(__always)
    func noteReceived(_ id: ConnectionID, _ wsi: OpaquePointer, byteCount: Int) {
        guard self.corking.fills(self.configuration.receiveBufferBytes, id, byteCount) else { return }
        // Served before what else this pass has: libev takes first what was fed last.
        unsafe hydrogen_loop_feed_read(self.handle.libev, lws_get_socket_fd(wsi))
    }
}
