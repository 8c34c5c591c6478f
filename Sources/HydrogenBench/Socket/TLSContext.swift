import COpenSSL

/// What all TLS connections of a run share: the authorities that the server's certificate is checked against.
@safe final class TLSContext {
    private let context: OpaquePointer

    init(authorityPath: String?) throws(BenchError) {
        guard let context = unsafe SSL_CTX_new(TLS_client_method()) else { throw .tls(Self.lastFault) }
        unsafe self.context = context
        unsafe SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
        // The frames of a connection are written from a buffer that all share.
        let modes = Int(SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS)
        unsafe SSL_CTX_ctrl(context, SSL_CTRL_MODE, modes, nil)
        let isLoaded =
            if let authorityPath { unsafe SSL_CTX_load_verify_locations(context, authorityPath, nil) == 1 } else {
                unsafe SSL_CTX_set_default_verify_paths(context) == 1
            }
        guard isLoaded else { throw .tls(Self.lastFault) }
    }

    deinit { unsafe SSL_CTX_free(self.context) }

    /// Begins TLS on a socket, for a server of this name.
    func session(on descriptor: Int32, host: String) -> OpaquePointer? {
        guard let session = unsafe SSL_new(self.context) else { return nil }
        unsafe SSL_set_fd(session, descriptor)
        // An address stands in a certificate as one, and is not sent as a name (RFC 6066 §3).
        if unsafe X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host) != 1 {
            unsafe SSL_set1_host(session, host)
            var name = Array(host.utf8CString)
            unsafe name.withUnsafeMutableBytes { bytes in
                _ = unsafe SSL_ctrl(
                    session, SSL_CTRL_SET_TLSEXT_HOSTNAME, Int(TLSEXT_NAMETYPE_host_name), bytes.baseAddress)
            }
        }
        return unsafe session
    }

    /// The first fault of this thread's OpenSSL, in its words.
    static var lastFault: String {
        var text = [CChar](repeating: 0, count: 256)
        let code = ERR_get_error()
        guard code != 0 else { return "the handshake failed" }
        unsafe text.withUnsafeMutableBufferPointer { buffer in
            unsafe ERR_error_string_n(code, buffer.baseAddress, buffer.count)
        }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
