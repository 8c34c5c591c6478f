import CLibev
import CLibwebsockets
import HydrogenProtocol
import HydrogenShard

/// Peers that send many messages at a time. lws reads about a kilobyte of a socket when libev tells it to, and the loop
/// writes at the end of a pass: eight commands of 236 bytes would be answered by two writes, and 16 publishes would go to
/// each of 1,000 subscribers by five. So a loop that had a read filled to the end has the socket read again, and writes once.
/// A write costs 4 µs, a read of nothing 0.3 µs, and epoll is not asked in between.
struct Corking {
    /// The connections of which a whole read was filled.
    var senders: [ConnectionID] = []
    /// Those that are read again: empty but for its memory outside of `readOn`.
    var readAgain: [ConnectionID] = []
    /// Who sent what was read last, and how many bytes of it were seen.
    var lastSender = ConnectionID(slot: 0, generation: 0)
    var byteCount = 0
    /// How many times this pass has read on.
    var readCount = 0

    /// At most so many, so that a peer that never stops sending does not keep others from their answers.
    static let maxReadCount = 16

    /// The header of a frame of up to 64 kB that a client sends (RFC 6455 §5.2). Where a read cuts a frame, or the frame is
    /// short, it is less: then a socket may be read once for nothing.
    static let frameHeaderByteCount = 8

    /// Begins to read on, for the senders so far.
    fileprivate mutating func beginReading() {
        self.readCount += 1
        swap(&self.senders, &self.readAgain)
    }
}

extension EventLoop where Core: ~Copyable {
    /// A connection sent a part of a message. lws hands out all of a read, one after the other.
    @inline(__always)
    func noteReceived(_ id: ConnectionID, byteCount: Int) {
        if self.corking.lastSender.bits != id.bits {
            self.corking.lastSender = id
            self.corking.byteCount = 0
        }
        let before = self.corking.byteCount
        let full = self.configuration.receiveBufferBytes
        self.corking.byteCount = before &+ byteCount &+ Corking.frameHeaderByteCount
        // Once for each read.
        if self.corking.byteCount >= full, before < full { self.corking.senders.append(id) }
    }

    /// Has lws read on where it stopped for want of room.
    ///
    /// - Returns: Whether it did. Then more may have come for which that is so.
    func readOn() -> Bool {
        // What is read next counts anew, whoever sent it.
        self.corking.lastSender = ConnectionID(slot: 0, generation: 0)
        guard !self.corking.senders.isEmpty, self.corking.readCount < Corking.maxReadCount else {
            self.corking.senders.removeAll(keepingCapacity: true)
            self.corking.readCount = 0
            return false
        }
        self.corking.beginReading()
        self.isLookOld = true
        for index in self.corking.readAgain.indices {
            let id = self.corking.readAgain[index]
            guard self.table.holds(id), self.table[id.slot].phase == .open, let wsi = unsafe self.table[id.slot].wsi else {
                continue
            }
            unsafe hydrogen_loop_feed_read(self.handle.libev, lws_get_socket_fd(wsi))
        }
        self.corking.readAgain.removeAll(keepingCapacity: true)
        unsafe hydrogen_loop_invoke(self.handle.libev)
        return true
    }
}
