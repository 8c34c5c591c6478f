import CLibwebsockets
import HydrogenProtocol
import HydrogenShard

extension EventLoop where Core: ~Copyable {
    /// A callback of lws. The result of anything but 0 ends the connection.
    func handle(
        _ wsi: OpaquePointer, _ reason: lws_callback_reasons, _ user: UnsafeMutableRawPointer?,
        _ input: UnsafeMutableRawPointer?, _ count: Int
    ) -> Int32 {
        let id = unsafe ConnectionID(bits: hydrogen_identity(wsi))
        guard self.table.holds(id) else { return unsafe self.handleWithoutConnection(reason, user, count) }
        switch reason {
        case LWS_CALLBACK_RECEIVE:
            return unsafe self.received(id, wsi, input, count)
        case LWS_CALLBACK_SERVER_WRITEABLE:
            return unsafe self.writable(id, wsi)
        case LWS_CALLBACK_RECEIVE_PONG:
            guard self.table[id.slot].phase == .open else { return 0 }
            self.stopMaskCheck(id)
            self.note(.pongReceived, on: id)
            self.core.pongReceived(on: id, at: self.timeOfArrival())
            self.performEffects()
            return 0
        case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
            return unsafe self.upgradeAsked(id, wsi)
        case LWS_CALLBACK_HTTP:
            return unsafe self.requested(id, wsi)
        case LWS_CALLBACK_ESTABLISHED:
            unsafe self.established(id, wsi)
            return 0
        case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
            return unsafe self.closeReceived(id, wsi, input, count)
        case LWS_CALLBACK_WS_SERVER_DROP_PROTOCOL:
            unsafe self.closeBegan(id, wsi)
            return 0
        case LWS_CALLBACK_CLOSED:
            self.stopMaskCheck(id)
            return 0
        case LWS_CALLBACK_WSI_DESTROY:
            self.transportEnded(id)
            return 0
        case LWS_CALLBACK_SSL_INFO:
            unsafe self.tlsAdvanced(id, input)
            return 0
        case LWS_CALLBACK_OPENSSL_PERFORM_CLIENT_CERT_VERIFICATION:
            return Self.verdict(onCertificateVerified: count)
        case LWS_CALLBACK_RAW_ADOPT, LWS_CALLBACK_RAW_RX, LWS_CALLBACK_HTTP_BODY, LWS_CALLBACK_HTTP_BODY_COMPLETION:
            return -1  // CONNECT, and requests with a body: nothing of ours.
        default:
            return 0
        }
    }

    /// What is no connection of ours: lws's own sockets, one whose end was told already, and a context that is made.
    private func handleWithoutConnection(
        _ reason: lws_callback_reasons, _ user: UnsafeMutableRawPointer?, _ count: Int
    ) -> Int32 {
        switch reason {
        case LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS:
            unsafe self.tlsContext = user
            unsafe hydrogen_tls_watch(user)
            return 0
        case LWS_CALLBACK_OPENSSL_PERFORM_CLIENT_CERT_VERIFICATION:
            return Self.verdict(onCertificateVerified: count)
        default:
            return 0
        }
    }

    /// A client's certificate was verified: 1 if it is good. lws puts our answer in the place of OpenSSL's, so that 0
    /// here would let everyone in.
    private static func verdict(onCertificateVerified result: Int) -> Int32 { result == 1 ? 0 : 1 }

    private func established(_ id: ConnectionID, _ wsi: OpaquePointer) {
        unsafe self.table[id.slot].wsi = wsi
        self.table[id.slot].phase = .open
        unsafe self.startMaskCheck(id, wsi)
        self.note(.upgraded, on: id)
        self.core.upgraded(id, at: self.now())
        self.performEffects()
    }

    private func received(
        _ id: ConnectionID, _ wsi: OpaquePointer, _ input: UnsafeMutableRawPointer?, _ count: Int
    ) -> Int32 {
        guard self.table[id.slot].phase == .open, !self.table[id.slot].isDeaf else { return 0 }
        if unsafe self.table[id.slot].maskWatcher != nil { self.stopMaskCheck(id) }
        let isLast = unsafe lws_is_final_fragment(wsi) != 0 && lws_remaining_packet_payload(wsi) == 0
        let fragment = unsafe Fragment(
            isBinary: lws_frame_is_binary(wsi) != 0, isFirst: lws_is_first_fragment(wsi) != 0, isLast: isLast)
        let bytes = unsafe UnsafeRawBufferPointer(start: input, count: input == nil ? 0 : count)
        let buffer = unsafe bytes.assumingMemoryBound(to: UInt8.self)
        guard unsafe fragment.isBinary || self.isText(buffer.span, fragment, id) else {
            self.framingFailed(.invalidUTF8, on: id)
            return 0
        }
        unsafe self.noteReceived(id, wsi, byteCount: count)
        self.note(.received(isFirst: fragment.isFirst, isLast: fragment.isLast), on: id)
        unsafe self.core.received(buffer.span, fragment, on: id, at: self.timeOfArrival())
        self.performEffects()
        return 0
    }

    /// Whether a text message is UTF-8 as far as it came (RFC 6455 §8.1).
    private func isText(_ bytes: Span<UInt8>, _ fragment: Fragment, _ id: ConnectionID) -> Bool {
        if fragment.isFirst, fragment.isLast {
            var check = UTF8Check()
            return check.take(bytes, isLast: true)
        }
        if fragment.isFirst { self.table[id.slot].textCheck = UTF8Check() }
        return self.table[id.slot].textCheck.take(bytes, isLast: fragment.isLast)
    }

    private func writable(_ id: ConnectionID, _ wsi: OpaquePointer) -> Int32 {
        switch self.table[id.slot].phase {
        case .open:
            self.note(.writable, on: id)
            self.core.writable(id, at: self.now()) { bytes in self.write(bytes, to: id) }
            self.performEffects()
            return 0
        case .closeAsked:
            if unsafe lws_partial_buffered(wsi) != 0 {
                unsafe lws_callback_on_writable(wsi)
                return 0
            }
            self.table[id.slot].phase = .closing
            self.table[id.slot].end = .closed(nil)
            let code = self.table[id.slot].closeCode
            if let reason = self.table[id.slot].closeReason?.qualifiedName {
                unsafe hydrogen_close_reason(wsi, code, reason, reason.utf8.count)
            } else {
                unsafe hydrogen_close_reason(wsi, code, nil, 0)
            }
            return -1
        case .handshake, .answered, .closing:
            return 0
        }
    }

    /// The peer's close frame: lws answers it and ends the connection.
    ///
    /// - Returns: -1 to answer with 1007, since its reason is no text (RFC 6455 §5.5.1).
    private func closeReceived(
        _ id: ConnectionID, _ wsi: OpaquePointer, _ input: UnsafeMutableRawPointer?, _ count: Int
    ) -> Int32 {
        switch self.table[id.slot].phase {
        case .open, .closeAsked:
            break
        case .handshake, .answered, .closing:
            return 0
        }
        self.stopMaskCheck(id)
        let bytes = unsafe UnsafeRawBufferPointer(start: input, count: input == nil ? 0 : count)
        let payload = unsafe bytes.assumingMemoryBound(to: UInt8.self)
        let code = unsafe payload.count >= 2 ? UInt16(payload[0]) << 8 | UInt16(payload[1]) : nil
        // The answers to what came before the close frame: after it, lws sends nothing but its own.
        self.flush()
        let wasOpen = self.table[id.slot].phase == .open
        self.table[id.slot].phase = .closing
        var reason = UTF8Check()
        guard unsafe reason.take(payload.span.extracting(droppingFirst: min(2, payload.count)), isLast: true) else {
            unsafe hydrogen_close_reason(wsi, CloseCode.invalidUTF8.rawValue, nil, 0)
            self.table[id.slot].end = .closed(nil)
            // A connection that the core closes already has its reason.
            if wasOpen { self.framingFailed(.invalidUTF8, on: id) }
            return -1
        }
        self.table[id.slot].end = .closed(code)
        self.note(.closeReceived, on: id)
        self.core.closeReceived(code, on: id, at: self.now())
        self.performEffects()
        return 0
    }

    /// lws begins to close. If nobody asked for it and it has a close frame ready, it found a fault in what the peer
    /// sent (RFC 6455 §5.2): 1002.
    private func closeBegan(_ id: ConnectionID, _ wsi: OpaquePointer) {
        self.stopMaskCheck(id)
        switch self.table[id.slot].phase {
        case .open:
            guard let code = unsafe CloseCode(rawValue: hydrogen_prepared_close_code(wsi)) else {
                self.table[id.slot].phase = .closing
                return
            }
            self.flush()
            // Where what was due made the core ask for the close, it is not told of a fault behind its own last word.
            let isAsked = self.table[id.slot].phase != .open
            self.table[id.slot].phase = .closing
            self.table[id.slot].end = .closed(nil)
            if !isAsked { self.framingFailed(code, on: id) }
        case .closeAsked:
            self.table[id.slot].phase = .closing
        case .handshake, .answered, .closing:
            return
        }
    }

    /// The peer broke the rules of frames: the core is told of the first fault, and what comes behind it is not read.
    func framingFailed(_ code: CloseCode, on id: ConnectionID) {
        guard !self.table[id.slot].isDeaf else { return }
        self.table[id.slot].isDeaf = true
        self.note(.framingFailed, on: id)
        self.core.framingFailed(code, on: id, at: self.now())
        self.performEffects()
    }

    private func tlsAdvanced(_ id: ConnectionID, _ input: UnsafeMutableRawPointer?) {
        guard self.table[id.slot].phase == .handshake else { return }
        switch unsafe hydrogen_tls_event_of(input) {
        case hydrogen_tls_refused: self.table[id.slot].end = .tls
        case hydrogen_tls_agreed: self.table[id.slot].end = .lost
        default: return
        }
    }
}
