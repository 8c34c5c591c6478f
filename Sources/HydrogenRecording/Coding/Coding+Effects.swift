import HydrogenProtocol
import HydrogenShard

/// What an effect is, as a recording names it beside the digest.
package enum EffectKind: UInt8, Sendable, CaseIterable {
    case requestWritable, close, abort, post, dispatch, log, drained, store, published

    init(_ effect: borrowing Effect) {
        self =
            switch effect {
            case .requestWritable: .requestWritable
            case .close: .close
            case .abort: .abort
            case .post: .post
            case .dispatch: .dispatch
            case .log: .log
            case .drained: .drained
            case .store: .store
            case .published: .published
            }
    }
}

extension Effect {
    /// All of it, for the digest.
    borrowing func encode(to encoder: inout RecordingEncoder) {
        switch self {
        case .requestWritable(let id), .abort(let id):
            encoder.append(id)
        case .close(let id, let code, let reason):
            encoder.append(id)
            encoder.append(code)
            encoder.append(reason)
        case .post(let mail, let loop):
            mail.encode(to: &encoder)
            encoder.append(loop)
        case .dispatch(let request):
            request.encode(to: &encoder)
        case .log(let record):
            record.encode(to: &encoder)
        case .store(let batch):
            batch.encode(to: &encoder)
        case .published(let number, let outcome):
            encoder.append(number)
            outcome.encode(to: &encoder)
        case .drained:
            break
        }
    }
}

extension ServiceRequest {
    func encode(to encoder: inout RecordingEncoder) {
        encoder.append(self.service)
        encoder.append(self.loop)
        encoder.append(UInt64(self.slot))
        encoder.append(UInt64(self.generation))
        encoder.append(self.channel)
        encoder.append(self.action)
        encoder.append(self.data)
        encoder.append(self.identity)
        encoder.append(self.session)
        encoder.append(self.deadline)
    }
}
