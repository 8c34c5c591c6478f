import HydrogenProtocol
import HydrogenShard

extension Fragment: Recordable {
    func encode(to encoder: inout RecordingEncoder) {
        encoder.append(byte: (self.isBinary ? 1 : 0) | (self.isFirst ? 2 : 0) | (self.isLast ? 4 : 0))
    }

    init(from decoder: inout RecordingDecoder) throws(RecordingFault) {
        let bits = try decoder.byte()
        guard bits < 8 else { throw .malformed("a fragment") }
        self.init(isBinary: bits & 1 != 0, isFirst: bits & 2 != 0, isLast: bits & 4 != 0)
    }
}

extension TransportEnd: Recordable {
    func encode(to encoder: inout RecordingEncoder) {
        switch self {
        case .closed(let code):
            encoder.append(byte: 0)
            encoder.append(code)
        case .lost: encoder.append(byte: 1)
        case .aborted: encoder.append(byte: 2)
        case .tls: encoder.append(byte: 3)
        }
    }

    init(from decoder: inout RecordingDecoder) throws(RecordingFault) {
        switch try decoder.byte() {
        case 0: self = .closed(try decoder.optional())
        case 1: self = .lost
        case 2: self = .aborted
        case 3: self = .tls
        default: throw .malformed("an end of a transport")
        }
    }
}

extension WriteOutcome {
    /// Two bits.
    var code: UInt64 {
        switch self {
        case .taken: 0
        case .choked: 1
        case .failed: 2
        }
    }

    init(code: UInt64) throws(RecordingFault) {
        switch code {
        case 0: self = .taken
        case 1: self = .choked
        case 2: self = .failed
        default: throw .malformed("what a write took")
        }
    }
}

extension HandshakeRequest: Recordable {
    func encode(to encoder: inout RecordingEncoder) {
        let request = encoder.mask.map { self.masked(by: $0) } ?? self
        encoder.append(request.isGet)
        encoder.append(request.isHTTP11)
        encoder.append(request.path)
        for header in [
            request.host, request.upgrade, request.webSocketVersion, request.webSocketKey, request.subprotocols,
            request.authorization, request.origin, request.forwardedFor, request.certificateSubject,
        ] {
            // The pseudonyms are made; a header is no place to look for more.
            encoder.append(header != nil)
            if let header { encoder.append(plain: header.utf8.span) }
        }
    }

    init(from decoder: inout RecordingDecoder) throws(RecordingFault) {
        self.init(isGet: try decoder.flag(), isHTTP11: try decoder.flag(), path: try decoder.text())
        self.host = try decoder.optional()
        self.upgrade = try decoder.optional()
        self.webSocketVersion = try decoder.optional()
        self.webSocketKey = try decoder.optional()
        self.subprotocols = try decoder.optional()
        self.authorization = try decoder.optional()
        self.origin = try decoder.optional()
        self.forwardedFor = try decoder.optional()
        self.certificateSubject = try decoder.optional()
    }
}

extension HandshakeDecision {
    /// All of it, for the digest.
    func encode(to encoder: inout RecordingEncoder) {
        switch self {
        case .accept(let subprotocol):
            encoder.append(byte: 0)
            encoder.append(subprotocol.rawValue)
        case .refuse(let refusal):
            encoder.append(byte: 1)
            encoder.append(refusal.status)
            encoder.append(refusal.code)
            for header in refusal.headers {
                encoder.append(header.name)
                encoder.append(header.value)
            }
            encoder.append(refusal.body)
        case .drop:
            encoder.append(byte: 2)
        }
    }
}
