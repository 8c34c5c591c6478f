import CLibwebsockets
import HydrogenProtocol
import HydrogenShard

extension EventLoop where Core: ~Copyable {
    /// A request that asks for an upgrade.
    ///
    /// - Returns: 0 to upgrade, 1 when an answer was written, -1 to hang up.
    func upgradeAsked(_ id: ConnectionID, _ wsi: OpaquePointer) -> Int32 {
        // lws 4.1.6 answers an unknown upgrade by itself, frees the headers, and then asks us with a pointer into them.
        guard self.table[id.slot].phase == .handshake, unsafe lws_hdr_total_length(wsi, WSI_TOKEN_UPGRADE) > 0 else {
            return -1
        }
        guard let request = unsafe HandshakeRequest(wsi) else { return -1 }
        let isWebSocket = request.upgrade?.utf8.span.isEqual(inAnyCaseTo: "websocket") == true
        switch self.decide(request, on: id) {
        case .accept(let subprotocol):
            guard isWebSocket else { return -1 }
            unsafe hydrogen_select_subprotocol(wsi, subprotocol.rawValue)
            unsafe hydrogen_hold(wsi, true)
            self.heldOpenings.append(id)
            return 0
        case .refuse(let refusal):
            return unsafe self.answer(refusal, on: id, wsi) ? 1 : -1
        case .drop:
            return -1
        }
    }

    /// The pass is over: 101 and first message of who was accepted in it leave. lws writes the one, the core the other;
    /// in one packet instead of two they spare a tenth of a handshake's CPU time.
    func releaseOpenings() {
        for index in self.heldOpenings.indices {
            let id = self.heldOpenings[index]
            guard self.table.holds(id), let wsi = unsafe self.table[id.slot].wsi else { continue }
            unsafe hydrogen_hold(wsi, false)
        }
        self.heldOpenings.removeAll(keepingCapacity: true)
    }

    /// A request that asks for none. The connection ends after the answer: a second request on it could reach the
    /// use after free of lws 4.1.6.
    func requested(_ id: ConnectionID, _ wsi: OpaquePointer) -> Int32 {
        guard self.table[id.slot].phase == .handshake, let request = unsafe HandshakeRequest(wsi) else { return -1 }
        if case .refuse(let refusal) = self.decide(request, on: id) { _ = unsafe self.answer(refusal, on: id, wsi) }
        return -1
    }

    private func decide(_ request: HandshakeRequest, on id: ConnectionID) -> HandshakeDecision {
        self.note(.requested, on: id)
        let decision = self.core.requested(request, on: id, at: self.now())
        self.note(decision, on: id)
        self.performEffects()
        return decision
    }

    private func answer(_ refusal: HandshakeRefusal, on id: ConnectionID, _ wsi: OpaquePointer) -> Bool {
        self.table[id.slot].phase = .answered
        let isHead = unsafe lws_hdr_total_length(wsi, WSI_TOKEN_HEAD_URI) > 0
        let answer = refusal.response(hasBody: !isHead)
        return unsafe answer.withUnsafeBufferPointer { buffer in
            unsafe hydrogen_write(wsi, buffer.baseAddress, buffer.count) >= 0
        }
    }
}

extension HandshakeRequest {
    /// What lws has read; nil if it has no request.
    init?(_ wsi: OpaquePointer) {
        var target: UnsafeMutablePointer<CChar>?
        var count = Int32(0)
        guard unsafe lws_http_get_uri_and_method(wsi, &target, &count) >= 0, let target = unsafe target else {
            return nil
        }
        let path = unsafe UnsafeRawBufferPointer(start: target, count: Int(count))
        let version = unsafe header(WSI_TOKEN_HTTP, of: wsi)
        self.init(
            isGet: unsafe lws_hdr_total_length(wsi, WSI_TOKEN_GET_URI) > 0, isHTTP11: version == "HTTP/1.1",
            path: unsafe String(decoding: path, as: UTF8.self))
        unsafe self.host = header(WSI_TOKEN_HOST, of: wsi)
        unsafe self.webSocketVersion = header(WSI_TOKEN_VERSION, of: wsi)
        unsafe self.webSocketKey = header(WSI_TOKEN_KEY, of: wsi)
        unsafe self.authorization = header(WSI_TOKEN_HTTP_AUTHORIZATION, of: wsi)
        unsafe self.origin = header(WSI_TOKEN_ORIGIN, of: wsi)
        unsafe self.forwardedFor = header(WSI_TOKEN_X_FORWARDED_FOR, of: wsi)
        // An upgrade counts only if the Connection header names it (RFC 9110 §7.8).
        if let connection = unsafe header(WSI_TOKEN_CONNECTION, of: wsi), namesUpgrade(connection) {
            unsafe self.upgrade = header(WSI_TOKEN_UPGRADE, of: wsi)
        }
        // lws hangs up at a longer list, after we said yes: better an answer.
        if unsafe lws_hdr_total_length(wsi, WSI_TOKEN_PROTOCOL) <= maxSubprotocolListBytes {
            unsafe self.subprotocols = header(WSI_TOKEN_PROTOCOL, of: wsi)
        }
        unsafe self.certificateSubject = subject(of: wsi)
    }
}

/// The longest list of sub-protocols that lws 4.1.6 takes.
private let maxSubprotocolListBytes = Int32(126)

/// The longest subject that is read. No identity is longer.
private let maxSubjectBytes = 128

/// The subject of the client's certificate; nil if it brought none.
private func subject(of wsi: OpaquePointer) -> String? {
    let text = unsafe String(unsafeUninitializedCapacity: maxSubjectBytes) { buffer in
        unsafe buffer.withMemoryRebound(to: CChar.self) { buffer in
            unsafe hydrogen_peer_subject(wsi, buffer.baseAddress, buffer.count)
        }
    }
    return text.isEmpty ? nil : text
}

/// A header, those of the same name joined with ", "; nil if it is not there or empty.
private func header(_ token: lws_token_indexes, of wsi: OpaquePointer) -> String? {
    let room = unsafe Int(lws_hdr_total_length(wsi, token)) + 1
    guard room > 1 else { return nil }
    var joined: String?
    var index = Int32(0)
    while true {
        var isThere = false
        let line = unsafe String(unsafeUninitializedCapacity: room) { buffer in
            let count = unsafe buffer.withMemoryRebound(to: CChar.self) { buffer in
                unsafe lws_hdr_copy_fragment(wsi, buffer.baseAddress, Int32(buffer.count), token, index)
            }
            isThere = count >= 0
            return max(0, Int(count))
        }
        guard isThere else { return joined }
        let value = line.utf8.first.map(isBlank) == true ? String(line.utf8.drop(while: isBlank)) ?? "" : line
        // Most headers came once: then this is all, and no memory is taken for a second look.
        if index == 0, line.utf8.count == room - 1 { return value }
        joined = joined.map { "\($0), \(value)" } ?? value
        index += 1
    }
}

private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

/// Whether one of the options of a Connection header is "upgrade".
private func namesUpgrade(_ connection: String) -> Bool {
    let bytes = connection.utf8.span
    var start = 0
    while start < bytes.count {
        var end = start
        while end < bytes.count, bytes[end] != UInt8(ascii: ",") { end += 1 }
        let next = end + 1
        while start < end, isBlank(bytes[start]) { start += 1 }
        while start < end, isBlank(bytes[end - 1]) { end -= 1 }
        if bytes.extracting(start..<end).isEqual(inAnyCaseTo: "upgrade") { return true }
        start = next
    }
    return false
}
