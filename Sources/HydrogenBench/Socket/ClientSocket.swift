import COpenSSL
import Glibc

/// The client's end of a TCP connection, with TLS or without; it never blocks.
@safe struct ClientSocket {
    /// What a read or write came to.
    enum Outcome: Equatable {
        case bytes(Int)
        /// Nothing now: try again when the socket is ready.
        case wait
        case ended
    }

    let descriptor: Int32
    private var tls: OpaquePointer?

    /// Starts to connect.
    init(to target: BenchTarget, _ context: TLSContext?) throws(BenchError) {
        let family = unsafe target.address.withUnsafeBytes { unsafe Int32($0.loadUnaligned(as: sa_family_t.self)) }
        self.descriptor = socket(
            family, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard self.descriptor >= 0 else { throw .system("socket", code: errno) }
        var on: Int32 = 1
        unsafe setsockopt(
            self.descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        let result = unsafe target.address.withUnsafeBytes { bytes in
            unsafe connect(
                self.descriptor, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
        }
        let code = errno
        guard result == 0 || code == EINPROGRESS else {
            Glibc.close(self.descriptor)
            throw .system("connect", code: code)
        }
        unsafe self.tls = context?.session(on: self.descriptor, host: target.host)
    }

    /// The code of `errno` of a connection attempt that has ended; 0 when it succeeded.
    var connectError: Int32 {
        var code: Int32 = 0
        var count = socklen_t(MemoryLayout<Int32>.size)
        unsafe getsockopt(self.descriptor, SOL_SOCKET, SO_ERROR, &code, &count)
        return code
    }

    /// Goes on with the handshake of TLS.
    ///
    /// - Returns: whether it is done, nil when it failed.
    func shakeHands() -> Bool? {
        guard let tls = unsafe self.tls else { return true }
        ERR_clear_error()
        let result = unsafe SSL_connect(tls)
        if result == 1 { return true }
        return unsafe Self.isPending(SSL_get_error(tls, result)) ? false : nil
    }

    func read(into buffer: inout [UInt8]) -> Outcome {
        let tls = unsafe self.tls
        let descriptor = self.descriptor
        return unsafe buffer.withUnsafeMutableBytes { bytes in
            if let tls = unsafe tls {
                ERR_clear_error()
                let count = unsafe SSL_read(tls, bytes.baseAddress, Int32(bytes.count))
                return unsafe count > 0 ? .bytes(Int(count)) : Self.failure(of: tls, count)
            }
            let count = unsafe recv(descriptor, bytes.baseAddress, bytes.count, 0)
            if count > 0 { return .bytes(count) }
            return count < 0 && (errno == EAGAIN || errno == EINTR) ? .wait : .ended
        }
    }

    func write(_ bytes: Span<UInt8>) -> Outcome {
        unsafe bytes.withUnsafeBytes { bytes in
            if let tls = unsafe self.tls {
                ERR_clear_error()
                let count = unsafe SSL_write(tls, bytes.baseAddress, Int32(bytes.count))
                return unsafe count > 0 ? .bytes(Int(count)) : Self.failure(of: tls, count)
            }
            let count = unsafe send(self.descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            if count >= 0 { return .bytes(count) }
            return errno == EAGAIN || errno == EINTR ? .wait : .ended
        }
    }

    /// Whether TLS holds bytes that were read from the socket already, so that it will not become readable for them.
    var holdsBytes: Bool {
        guard let tls = unsafe self.tls else { return false }
        return unsafe SSL_pending(tls) > 0
    }

    private static func failure(of tls: OpaquePointer, _ result: Int32) -> Outcome {
        unsafe self.isPending(SSL_get_error(tls, result)) ? .wait : .ended
    }

    private static func isPending(_ code: Int32) -> Bool { code == SSL_ERROR_WANT_READ || code == SSL_ERROR_WANT_WRITE }

    /// Ends the connection.
    ///
    /// - Parameter withReset: frees the port at once, so that no run of many connections exhausts them.
    mutating func close(withReset: Bool) {
        if withReset {
            var reset = linger(l_onoff: 1, l_linger: 0)
            unsafe setsockopt(
                self.descriptor, SOL_SOCKET, SO_LINGER, &reset, socklen_t(MemoryLayout<linger>.size))
        }
        if let tls = unsafe self.tls { unsafe SSL_free(tls) }
        unsafe self.tls = nil
        Glibc.close(self.descriptor)
    }
}
