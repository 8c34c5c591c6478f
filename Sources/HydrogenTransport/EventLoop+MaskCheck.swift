import CLibev
import CLibwebsockets
import HydrogenProtocol
import HydrogenShard

/// lws takes unmasked frames of a client, which RFC 6455 §5.1 forbids. The first frame of a connection is looked at
/// before lws reads it; later ones cannot be told apart from what lws has in its hands.
extension EventLoop where Core: ~Copyable {
    func startMaskCheck(_ id: ConnectionID, _ wsi: OpaquePointer) {
        let watcher = UnsafeMutablePointer<hydrogen_watcher>.allocate(capacity: 1)
        unsafe watcher.initialize(to: hydrogen_watcher())
        unsafe watcher.pointee.handler = Core.trampolines.maskWatcher
        unsafe watcher.pointee.owner = Unmanaged.passUnretained(self).toOpaque()
        unsafe watcher.pointee.tag = id.bits
        unsafe self.table[id.slot].maskWatcher = watcher
        // Before lws, which has priority 0.
        unsafe hydrogen_watcher_read_start(self.handle.libev, watcher, lws_get_socket_fd(wsi), 2)
    }

    func stopMaskCheck(_ id: ConnectionID) {
        guard let watcher = unsafe self.table[id.slot].maskWatcher else { return }
        unsafe self.table[id.slot].maskWatcher = nil
        unsafe hydrogen_watcher_read_stop(self.handle.libev, watcher)
        unsafe watcher.deallocate()
    }

    /// The first bytes after the handshake are there: closes with 1002 if they are not masked.
    func checkMask(_ id: ConnectionID) {
        guard self.table.holds(id), let wsi = unsafe self.table[id.slot].wsi else { return }
        var bytes: (UInt8, UInt8) = (0, 0)
        let count = unsafe withUnsafeMutableBytes(of: &bytes) { buffer in
            unsafe hydrogen_peek(wsi, buffer.assumingMemoryBound(to: UInt8.self).baseAddress, 2)
        }
        if count == 0 { return }  // TLS has not a whole record yet.
        self.stopMaskCheck(id)
        // One byte alone says nothing, and lws is about to take it; the end of the socket is lws's business.
        // Where the end has begun already, what comes is not read.
        guard count == 2, bytes.1 & 0x80 == 0, self.table[id.slot].phase == .open else { return }
        self.framingFailed(.protocolError, on: id)
    }
}
