import HydrogenProtocol
import HydrogenShard

extension ShardPolicy: Recordable {
    func encode(to encoder: inout RecordingEncoder) {
        encoder.append(self.requiresMessageToken)
        encoder.append(self.allowedOrigins != nil)
        encoder.append(self.allowedOrigins ?? [])
        encoder.append(self.maxProtocolErrors)
        encoder.append(self.limits)
        encoder.append(self.signedActions.map(\.text))
        encoder.append(self.signatureWindow)
    }

    init(from decoder: inout RecordingDecoder) throws(RecordingFault) {
        let requiresMessageToken = try decoder.flag()
        let hasOrigins = try decoder.flag()
        let origins = try decoder.array(of: String.self)
        self.init(
            requiresMessageToken: requiresMessageToken, allowedOrigins: hasOrigins ? origins : nil,
            maxProtocolErrors: try decoder.integer(), limits: try decoder.value(),
            signedActions: try decoder.array(of: String.self).compactMap(SignedAction.init),
            signatureWindow: try decoder.value())
    }
}

extension LimitPolicy: Recordable {
    func encode(to encoder: inout RecordingEncoder) {
        encoder.append(self.connectionsPerAddress)
        encoder.append(self.messagesPerConnection)
        encoder.append(self.bytesPerConnection)
        encoder.append(self.messagesPerIdentity)
        encoder.append(self.maxRateViolations)
        encoder.append(self.blocking)
        encoder.append(self.trustedProxies)
    }

    init(from decoder: inout RecordingDecoder) throws(RecordingFault) {
        self.init(
            connectionsPerAddress: try decoder.optional(), messagesPerConnection: try decoder.optional(),
            bytesPerConnection: try decoder.optional(), messagesPerIdentity: try decoder.optional(),
            maxRateViolations: try decoder.integer(), blocking: try decoder.optional(),
            trustedProxies: try decoder.array())
    }
}

extension RateLimit: Recordable {
    func encode(to encoder: inout RecordingEncoder) {
        encoder.append(self.thousandthsPerSecond)
        encoder.append(self.burst)
        encoder.append(self.isDryRun)
    }

    init(from decoder: inout RecordingDecoder) throws(RecordingFault) {
        self.init(
            thousandthsPerSecond: try decoder.integer(), burst: try decoder.integer(), isDryRun: try decoder.flag())
    }
}

extension BlockingPolicy: Recordable {
    func encode(to encoder: inout RecordingEncoder) {
        encoder.append(self.after)
        encoder.append(self.window)
        encoder.append(self.duration)
        encoder.append(self.maximum)
        encoder.append(self.isDryRun)
    }

    init(from decoder: inout RecordingDecoder) throws(RecordingFault) {
        self.init(
            after: try decoder.integer(), window: try decoder.value(), duration: try decoder.value(),
            maximum: try decoder.value(), isDryRun: try decoder.flag())
    }
}

extension Network: Recordable {
    func encode(to encoder: inout RecordingEncoder) {
        encoder.append(self.address.high)
        encoder.append(self.address.low)
        encoder.append(self.prefixLength)
    }

    init(from decoder: inout RecordingDecoder) throws(RecordingFault) {
        let address = NetworkAddress(high: try decoder.number(), low: try decoder.number())
        let length = try decoder.integer(Int.self)
        guard length <= 128 else { throw .malformed("a network") }
        self.init(address, prefixLength: length)
    }
}

extension Offender {
    func encode(to encoder: inout RecordingEncoder) {
        encoder.append(PeerAddress(high: self.address.high, low: self.address.low, port: 0))
        encoder.append(self.identity)
    }

    init(from decoder: inout RecordingDecoder) throws(RecordingFault) {
        let address = try decoder.value(PeerAddress.self)
        self.init(CountedAddress(address), identity: try decoder.optional())
    }
}
