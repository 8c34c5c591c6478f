import CLibwebsockets
import Glibc
import HydrogenProtocol
import HydrogenShard

extension EventLoop where Core: ~Copyable {
    /// How long accepting pauses when the process has no descriptor left.
    private static var acceptPause: Interval { .seconds(1) }

    /// Connections wait on a listening socket: takes some, and leaves the rest for the next pass.
    func accept(from listener: Int32) {
        for _ in 0..<self.configuration.maxAcceptsPerPass {
            let (descriptor, peer) = acceptConnection(from: listener)
            guard descriptor >= 0 else {
                self.acceptFailed(-descriptor)
                return
            }
            self.admit(descriptor, peer)
        }
    }

    private func acceptFailed(_ code: Int32) {
        switch code {
        case EAGAIN, ECONNABORTED, EINTR, EPROTO, EPERM:
            return  // Nothing waits, or the peer left before we came: the next pass looks again.
        default:
            // Without descriptors the socket stays readable: to look again at once would be a busy loop.
            self.delegate.fault(self.handle.index, .acceptPaused(code: code))
            self.watchers.pauseAccepting(for: Self.acceptPause)
        }
    }

    private func admit(_ descriptor: Int32, _ peer: PeerAddress) {
        guard let id = self.core.accepted(peer, at: self.now()) else {
            Glibc.close(descriptor)
            self.performEffects()
            return
        }
        self.table.grow(toHold: id.slot)
        self.table[id.slot] = TransportConnection(generation: id.generation)
        let wsi = unsafe hydrogen_adopt(self.server, descriptor, id.bits)
        if self.table.holds(id) {
            if let wsi = unsafe wsi {
                unsafe self.table[id.slot].wsi = wsi
            } else {
                self.delegate.fault(self.handle.index, .adoptFailed)
                self.transportEnded(id)
            }
        }
        self.performEffects()
    }
}
