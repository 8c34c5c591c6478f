import HydrogenProtocol
import HydrogenShard

extension ConnectionID: Recordable {
    func encode(to encoder: inout RecordingEncoder) {
        encoder.append(UInt64(self.slot))
        encoder.append(UInt64(self.generation))
    }

    init(from decoder: inout RecordingDecoder) throws(RecordingFault) {
        self.init(slot: try decoder.integer(), generation: try decoder.integer())
    }
}

extension EventID: Recordable {
    func encode(to encoder: inout RecordingEncoder) {
        encoder.append(self.origin)
        encoder.append(UInt64(self.loop))
        encoder.append(self.number)
    }

    init(from decoder: inout RecordingDecoder) throws(RecordingFault) {
        self.init(origin: try decoder.number(), loop: try decoder.integer(), number: try decoder.number())
    }
}

extension PeerAddress: Recordable {
    func encode(to encoder: inout RecordingEncoder) {
        encoder.append(self.high)
        encoder.append(self.low)
        encoder.append(UInt64(self.port))
    }

    init(from decoder: inout RecordingDecoder) throws(RecordingFault) {
        self.init(high: try decoder.number(), low: try decoder.number(), port: try decoder.integer())
    }
}

extension Interval: Recordable {
    func encode(to encoder: inout RecordingEncoder) { encoder.append(signed: self.nanoseconds) }

    init(from decoder: inout RecordingDecoder) throws(RecordingFault) {
        self.init(nanoseconds: try decoder.signed())
    }
}

extension WallTime: Recordable {
    func encode(to encoder: inout RecordingEncoder) { encoder.append(signed: self.milliseconds) }

    init(from decoder: inout RecordingDecoder) throws(RecordingFault) {
        self.init(milliseconds: try decoder.signed())
    }
}

extension ErrorCode: Recordable {
    func encode(to encoder: inout RecordingEncoder) { encoder.append(byte: self.rawValue) }

    init(from decoder: inout RecordingDecoder) throws(RecordingFault) {
        guard let code = ErrorCode(rawValue: try decoder.byte()) else { throw .malformed("an error code") }
        self = code
    }
}

extension CloseCode: Recordable {
    func encode(to encoder: inout RecordingEncoder) { encoder.append(UInt64(self.rawValue)) }

    init(from decoder: inout RecordingDecoder) throws(RecordingFault) {
        guard let code = CloseCode(rawValue: try decoder.integer()) else { throw .malformed("a close code") }
        self = code
    }
}

extension Priority: Recordable {
    func encode(to encoder: inout RecordingEncoder) { encoder.append(byte: self.rawValue) }

    init(from decoder: inout RecordingDecoder) throws(RecordingFault) {
        guard let priority = Priority(rawValue: try decoder.byte()) else { throw .malformed("a priority") }
        self = priority
    }
}

extension String: Recordable {
    func encode(to encoder: inout RecordingEncoder) { encoder.append(self.utf8.span) }
    init(from decoder: inout RecordingDecoder) throws(RecordingFault) { self = try decoder.text() }
}

/// A close code of the wire, or any other number.
extension UInt16: Recordable {
    func encode(to encoder: inout RecordingEncoder) { encoder.append(UInt64(self)) }
    init(from decoder: inout RecordingDecoder) throws(RecordingFault) { self = try decoder.integer() }
}
