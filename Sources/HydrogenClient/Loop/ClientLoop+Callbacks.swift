import CLibwebsockets
import HydrogenClientCore
import HydrogenProtocol
import HydrogenThreads

/// What lws says.
extension ClientLoop {
    static func called(
        _ wsi: OpaquePointer?, _ reason: lws_callback_reasons, _ user: UnsafeMutableRawPointer?,
        _ input: UnsafeMutableRawPointer?, _ count: Int
    ) -> Int32 {
        guard let wsi = unsafe wsi, let owner = unsafe lws_context_user(lws_get_context(wsi)) else { return 0 }
        return unsafe Unmanaged<ClientLoop>.fromOpaque(owner)._withUnsafeGuaranteedRef { loop in
            unsafe loop.handle(wsi, reason, user, input, count)
        }
    }

    /// The result of anything but 0 ends the connection.
    private func handle(
        _ wsi: OpaquePointer, _ reason: lws_callback_reasons, _ user: UnsafeMutableRawPointer?,
        _ input: UnsafeMutableRawPointer?, _ count: Int
    ) -> Int32 {
        guard unsafe hydrogen_identity(wsi) == self.connection.attempt else { return 0 }
        switch reason {
        case LWS_CALLBACK_CLIENT_RECEIVE:
            return unsafe self.received(wsi, input, count)
        case LWS_CALLBACK_CLIENT_WRITEABLE:
            return unsafe self.writable(wsi)
        case LWS_CALLBACK_CLIENT_RECEIVE_PONG:
            self.core.pongReceived(at: Clock.instant())
            self.performEffects()
        case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
            return unsafe self.appendHeaders(input, count)
        case LWS_CALLBACK_ESTABLISHED_CLIENT_HTTP:
            unsafe self.responseCame(wsi)
        case LWS_CALLBACK_RECEIVE_CLIENT_HTTP_READ:
            let bytes = unsafe UnsafeRawBufferPointer(start: input, count: input == nil ? 0 : count)
            unsafe self.connection.body.append(contentsOf: bytes.prefix(1024 - self.connection.body.count))
        case LWS_CALLBACK_COMPLETED_CLIENT_HTTP:
            return -1
        case LWS_CALLBACK_OPENSSL_PERFORM_SERVER_CERT_VERIFICATION:
            unsafe self.certificateChecked(user)
        case LWS_CALLBACK_CLIENT_ESTABLISHED:
            unsafe self.established(wsi)
        case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
            let bytes = unsafe UnsafeRawBufferPointer(start: input, count: input == nil ? 0 : count)
            self.connection.peerCode = unsafe bytes.count < 2 ? 1005 : UInt16(bytes[0]) << 8 | UInt16(bytes[1])
        case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
            let bytes = unsafe UnsafeRawBufferPointer(start: input, count: input == nil ? 0 : count)
            self.transportEnded(unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self))
        case LWS_CALLBACK_CLIENT_CLOSED, LWS_CALLBACK_WSI_DESTROY:
            self.transportEnded("the connection was lost")
        default: break
        }
        return 0
    }

    private func established(_ wsi: OpaquePointer) {
        unsafe self.connection.wsi = wsi
        self.connection.phase = .open
        self.core.transportOpened(at: Clock.instant())
        self.performEffects()
    }

    private func certificateChecked(_ store: UnsafeMutableRawPointer?) {
        guard let fault = unsafe hydrogen_client_certificate_fault(store, self.handle.target.host) else { return }
        self.connection.certificateFault = unsafe String(cString: fault)
    }

    /// A part of a message, or a whole one, which is read where it lies.
    private func received(_ wsi: OpaquePointer, _ input: UnsafeMutableRawPointer?, _ count: Int) -> Int32 {
        guard self.connection.phase == .open else { return 0 }
        let bytes = unsafe UnsafeRawBufferPointer(start: input, count: input == nil ? 0 : count)
        let part = unsafe bytes.assumingMemoryBound(to: UInt8.self)
        let isLast = unsafe lws_is_final_fragment(wsi) != 0 && lws_remaining_packet_payload(wsi) == 0
        let isTooLong = self.connection.message.count + count > self.handle.options.maxMessageBytes
        if unsafe isTooLong || lws_frame_is_binary(wsi) != 0 {
            self.connection.message = []
            self.core.violationFound(at: Clock.instant())
        } else if isLast, self.connection.message.isEmpty {
            unsafe self.handIn(part.span)
        } else {
            unsafe self.connection.message.append(contentsOf: part)
            guard isLast else { return 0 }
            let message = self.connection.message
            self.connection.message.removeAll(keepingCapacity: message.count <= 65_536)
            self.handIn(message.span)
        }
        self.performEffects()
        return 0
    }

    private func handIn(_ message: Span<UInt8>) {
        self.core.received(message, at: Clock.instant())
        self.performEffects(message)
    }

    /// lws takes messages.
    private func writable(_ wsi: OpaquePointer) -> Int32 {
        guard self.connection.phase == .open else { return 0 }
        while !self.outbox.isEmpty, unsafe lws_partial_buffered(wsi) == 0 {
            let isSent = unsafe self.outbox.sendNext { bytes, count, isPing in
                let write = unsafe isPing ? hydrogen_client_write_ping : hydrogen_client_write_text
                return unsafe write(wsi, bytes, count) >= 0
            }
            guard isSent else { return -1 }
        }
        if unsafe !self.outbox.isEmpty || lws_partial_buffered(wsi) != 0 {
            unsafe lws_callback_on_writable(wsi)
            return 0
        }
        guard let code = self.connection.closeCode else { return 0 }
        self.connection.phase = .closing
        unsafe hydrogen_close_reason(wsi, code, nil, 0)
        return -1
    }
}
