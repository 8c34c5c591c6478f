import HydrogenProtocol
import HydrogenShard

extension LogRecord {
    /// The number that stands for a case in a digest.
    private var kind: UInt8 {
        switch self {
        case .opened: 0
        case .refused: 1
        case .closed: 2
        case .dropped: 3
        case .orphanCollected: 4
        case .serviceFailed: 5
        case .programmingError: 6
        case .resumed: 7
        case .deadLetter: 8
        case .blocked: 9
        case .blockEnded: 10
        case .limitWouldRefuse: 11
        }
    }

    /// All of it, for the digest.
    func encode(to encoder: inout RecordingEncoder) {
        encoder.append(byte: self.kind)
        switch self {
        case .opened(let id, let session, let identity, let peer):
            encoder.append(id)
            encoder.append(session)
            encoder.append(identity)
            encoder.append(peer)
        case .refused(let peer, let code, let status):
            encoder.append(peer)
            encoder.append(code)
            encoder.append(status)
        case .closed(let id, let session, let identity, let peer, let code, let duration, let received, let sent):
            encoder.append(id)
            encoder.append(session)
            encoder.append(identity)
            encoder.append(peer)
            encoder.append(code)
            encoder.append(duration)
            encoder.append(received)
            encoder.append(sent)
        case .dropped(let peer, let code):
            encoder.append(peer)
            encoder.append(code)
        case .orphanCollected(let id, let references):
            encoder.append(id)
            encoder.append(references)
        case .serviceFailed(let channel, let action, let code, let details):
            encoder.append(channel)
            encoder.append(action)
            encoder.append(code)
            encoder.append(details)
        case .programmingError(let id, let text):
            encoder.append(id)
            encoder.append(text)
        case .resumed(let id, let session):
            encoder.append(id)
            encoder.append(session)
        case .deadLetter(let event, let channel, let action, let session, let identity, let offset, let attempts):
            encoder.append(event)
            encoder.append(channel)
            encoder.append(action)
            encoder.append(session)
            encoder.append(identity)
            encoder.append(signed: offset)
            encoder.append(attempts)
        case .blocked(let block):
            block.encode(to: &encoder)
        case .blockEnded(let block, let end):
            block.encode(to: &encoder)
            switch end {
            case .expired: encoder.append(byte: 0)
            case .lifted: encoder.append(byte: 1)
            }
        case .limitWouldRefuse(let limit, let offender, let count):
            encoder.append(limit.label)
            offender.encode(to: &encoder)
            encoder.append(count)
        }
    }
}

extension BlockDescription {
    fileprivate func encode(to encoder: inout RecordingEncoder) {
        self.offender.encode(to: &encoder)
        encoder.append(self.reason.label)
        encoder.append(self.since)
        encoder.append(self.until)
        encoder.append(self.duration)
        encoder.append(self.isDryRun)
    }
}
