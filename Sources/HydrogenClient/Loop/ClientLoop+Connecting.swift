import CLibwebsockets
import HydrogenClientCore
import HydrogenProtocol
import HydrogenThreads

/// Makes lws's context for a client.
///
/// - Parameter user: what `lws_context_user` is to give back.
func makeClient(
    _ handle: ClientLoopHandle, on libev: OpaquePointer, user: UnsafeMutableRawPointer
) throws(HydrogenClient.Failure) -> OpaquePointer {
    var message = [CChar](repeating: 0, count: 256)
    var settings = unsafe hydrogen_client_settings()
    unsafe settings.loop = UnsafeMutableRawPointer(libev)
    unsafe settings.callback = { wsi, reason, user, input, count in
        unsafe ClientLoop.called(wsi, reason, user, input, count)
    }
    unsafe settings.user = user
    unsafe settings.receive_buffer_size = 4096
    unsafe settings.is_secure = handle.target.isSecure
    func create(_ path: UnsafePointer<CChar>?) -> OpaquePointer? {
        unsafe settings.authority_path = path
        return unsafe message.withUnsafeMutableBufferPointer { buffer in
            unsafe hydrogen_client_create(&settings, buffer.baseAddress, buffer.count)
        }
    }
    let path = handle.options.certificateAuthorityPath
    let client =
        if let path { unsafe path.withCString { unsafe create($0) } } else { unsafe create(nil) }
    guard let client = unsafe client else {
        throw .system(String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }
    return unsafe client
}

extension ClientLoop {
    /// Begins an attempt. lws may call back before it returns.
    func connect(_ client: OpaquePointer?) {
        self.connection.reset()
        self.outbox.removeAll()
        self.connection.phase = .opening
        let target = self.handle.target
        let wsi = unsafe hydrogen_client_connect(
            client, target.host, target.port, target.authority, target.target, "hydrogen-protocol",
            self.connection.attempt)
        // lws has told, or will tell, where it got as far as that.
        guard self.connection.phase == .opening else { return }
        guard let wsi = unsafe wsi else { return self.transportEnded("the host is not known") }
        unsafe self.connection.wsi = wsi
    }

    /// Ends the transport at once.
    func abort() {
        self.connection.isAbortWanted = false
        guard let wsi = unsafe self.connection.wsi else { return }
        unsafe hydrogen_client_abort(wsi)
    }

    /// In the middle of the upgrade's request: who we are.
    func appendHeaders(_ input: UnsafeMutableRawPointer?, _ room: Int) -> Int32 {
        guard let key = self.key else { return 0 }
        let line = "Authorization: Key \(key)\r\n"
        return unsafe hydrogen_client_append_header(input, room, line, line.utf8.count) ? 0 : -1
    }

    /// The server answered the upgrade; with what, is looked at while the headers are there.
    func responseCame(_ wsi: OpaquePointer) {
        self.connection.status = unsafe UInt16(clamping: lws_http_client_http_response(wsi))
        if self.connection.status != 101 { unsafe hydrogen_client_read_body(wsi) }
        var text = [CChar](repeating: 0, count: 32)
        let count = unsafe lws_hdr_copy(wsi, &text, Int32(text.count), WSI_TOKEN_HTTP_RETRY_AFTER)
        guard count > 0 else { return }
        let value = String(decoding: text.prefix(Int(count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // A date (RFC 9110 §10.2.3) is not told by our server; the back-off stands in for it.
        self.connection.retryAfterSeconds = Int64(value).map { min(max(0, $0), 86_400) }
    }

    /// What lws says of a failed attempt, for people.
    private static func inWords(_ text: String) -> String {
        if text.contains("getaddrinfo") { return "the name of the host is not known" }
        if text == "Unable to connect" { return "nobody answers there" }
        return text
    }

    /// The attempt failed, or the connection is gone. lws tells in several ways; the first counts.
    func transportEnded(_ text: String) {
        guard self.connection.phase != .none else { return }
        let ended = self.connection
        self.connection.phase = .none
        unsafe self.connection.wsi = nil
        self.connection.isAbortWanted = false
        self.outbox.removeAll()
        guard !self.connection.isOver else { return }
        let now = Clock.instant()
        if let status = ended.status, status != 101, ended.phase == .opening {
            self.connection.failure = "HTTP status \(status)"
            let retryAfter = ended.retryAfterSeconds.map { Interval.seconds($0) }
            self.core.transportRefused(status: status, retryAfter: retryAfter, at: now)
        } else {
            self.connection.failure = ended.certificateFault.map { "the server's certificate: \($0)" } ?? Self.inWords(text)
            self.core.transportEnded(code: ended.peerCode, at: now)
        }
        self.performEffects()
    }
}
