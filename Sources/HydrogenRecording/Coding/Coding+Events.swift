import HydrogenProtocol
import HydrogenShard

/// An event as it is passed between loops.
struct RecordedEvent: Recordable {
    var event: PublishedEvent

    init(_ event: PublishedEvent) { self.event = event }

    func encode(to encoder: inout RecordingEncoder) {
        encoder.append(self.event.id)
        encoder.append(self.event.channel)
        encoder.append(self.event.action)
        encoder.append(self.event.body)
        encoder.append(UInt64(self.event.data.lowerBound))
        encoder.append(UInt64(self.event.data.upperBound))
        encoder.append(self.event.priority)
        encoder.append(self.event.isRetained)
        encoder.append(self.event.isGuaranteed)
        encoder.append(self.event.audience)
        encoder.append(self.event.sequence)
        encoder.append(self.event.publishedAt)
    }

    init(from decoder: inout RecordingDecoder) throws(RecordingFault) {
        let id = try decoder.value(EventID.self)
        let channel = try decoder.integer(Int.self)
        let action = try decoder.data()
        let body = try decoder.data()
        let (start, end) = (try decoder.integer(Int.self), try decoder.integer(Int.self))
        guard start <= end, end <= body.count else { throw .malformed("where an event's data stands") }
        self.event = PublishedEvent(
            id: id, channel: channel, action: action, body: body, data: ByteRange(start, end),
            priority: try decoder.value(), isRetained: try decoder.flag(), isGuaranteed: try decoder.flag(),
            audience: try decoder.value(), sequence: try decoder.number(), publishedAt: try decoder.instant())
    }
}

extension Audience: Recordable {
    func encode(to encoder: inout RecordingEncoder) {
        switch self {
        case .subscribers:
            encoder.append(byte: 0)
        case .identity(let identity):
            encoder.append(byte: 1)
            encoder.append(identity)
        case .session(let session):
            encoder.append(byte: 2)
            encoder.append(session)
        case .identityAndSession(let identity, let session):
            encoder.append(byte: 3)
            encoder.append(identity)
            encoder.append(session)
        case .all:
            encoder.append(byte: 4)
        case .administrators:
            encoder.append(byte: 5)
        }
    }

    init(from decoder: inout RecordingDecoder) throws(RecordingFault) {
        switch try decoder.byte() {
        case 0: self = .subscribers
        case 1: self = .identity(try decoder.text())
        case 2: self = .session(try decoder.text())
        case 3: self = .identityAndSession(identity: try decoder.text(), session: try decoder.text())
        case 4: self = .all
        case 5: self = .administrators
        default: throw .malformed("an audience")
        }
    }
}

extension PublishKey: Recordable {
    func encode(to encoder: inout RecordingEncoder) {
        encoder.append(self.identity)
        encoder.append(self.channel)
        encoder.append(self.key)
    }

    init(from decoder: inout RecordingDecoder) throws(RecordingFault) {
        self.init(identity: try decoder.text(), channel: try decoder.integer(), key: try decoder.data())
    }
}

extension ServerPublish: Recordable {
    func encode(to encoder: inout RecordingEncoder) {
        encoder.append(self.number)
        encoder.append(self.channel)
        encoder.append(self.action)
        encoder.append(self.data)
        encoder.append(self.priority)
        encoder.append(self.isRetained)
        encoder.append(self.isGuaranteed)
        encoder.append(self.audience)
        encoder.append(self.key)
        encoder.append(self.wantsCount)
    }

    init(from decoder: inout RecordingDecoder) throws(RecordingFault) {
        self.init(
            number: try decoder.number(), channel: try decoder.integer(), action: try decoder.data(),
            data: try decoder.data(), priority: try decoder.value(), isRetained: try decoder.flag(),
            isGuaranteed: try decoder.flag(), audience: try decoder.value(), key: try decoder.optional(),
            wantsCount: try decoder.flag())
    }
}

extension PublishOutcome {
    func encode(to encoder: inout RecordingEncoder) {
        switch self {
        case .accepted(let event, let receiverCount):
            encoder.append(byte: 0)
            encoder.append(event)
            encoder.append(signed: Int64(receiverCount ?? -1))
        case .refused(let code):
            encoder.append(byte: 1)
            encoder.append(code)
        }
    }
}

extension PublishKeyVerdict {
    func encode(to encoder: inout RecordingEncoder) {
        switch self {
        case .granted:
            encoder.append(byte: 0)
        case .used(let event):
            encoder.append(byte: 1)
            encoder.append(event)
        case .pending:
            encoder.append(byte: 2)
        }
    }
}

extension ReceiverReport: Recordable {
    func encode(to encoder: inout RecordingEncoder) {
        encoder.append(self.loop)
        encoder.append(UInt64(self.publication))
    }

    init(from decoder: inout RecordingDecoder) throws(RecordingFault) {
        self.init(loop: try decoder.integer(), publication: try decoder.integer())
    }
}
