import CLibwebsockets
import HydrogenProtocol
import HydrogenShard

/// Peers that send many messages at a time. lws reads about a kilobyte of a socket in a pass, and the loop writes at the
/// end of a pass: eight commands of 236 bytes would be answered by two writes, and 16 publishes would go to each of 1,000
/// subscribers by five. So a loop that sees that a socket has more reads that first, and writes once. A write costs 4 µs,
/// a look at a socket 0.1 µs, and only sockets that gave two messages in a row are looked at.
struct Corking {
    /// The connections that gave two messages in a row in this pass.
    var senders: [ConnectionID] = []
    /// Which connection gave the last message, and whether it is among `senders`.
    var lastSender = ConnectionID(slot: 0, generation: 0)
    var isLastNoted = false
    /// How many passes the loop has put off its writes for.
    var passCount = 0

    /// At most so many, so that a peer that never stops sending does not keep others from their answers.
    static let maxPassCount = 16
}

extension EventLoop where Core: ~Copyable {
    /// A connection gave a message. lws hands out all messages of a read one after the other.
    @inline(__always)
    func noteSender(_ id: ConnectionID) {
        if self.corking.lastSender.bits != id.bits {
            self.corking.lastSender = id
            self.corking.isLastNoted = false
        } else if !self.corking.isLastNoted {
            self.corking.isLastNoted = true
            self.corking.senders.append(id)
        }
    }

    /// Whether the loop should read on before it writes. Then the next pass comes at once.
    func hasMoreToRead() -> Bool {
        // Who gave the last message of a pass and gives the first one of the next sends many too, of a size that only one
        // of them fits a read.
        self.corking.isLastNoted = false
        guard !self.corking.senders.isEmpty else {
            self.corking.passCount = 0
            return false
        }
        var hasMore = false
        if self.corking.passCount < Corking.maxPassCount {
            for index in self.corking.senders.indices {
                let id = self.corking.senders[index]
                guard self.table.holds(id), self.table[id.slot].phase == .open,
                    let wsi = unsafe self.table[id.slot].wsi, unsafe hydrogen_unread_count(wsi) > 0
                else { continue }
                hasMore = true
                break
            }
        }
        self.corking.senders.removeAll(keepingCapacity: true)
        self.corking.passCount = hasMore ? self.corking.passCount + 1 : 0
        return hasMore
    }
}
