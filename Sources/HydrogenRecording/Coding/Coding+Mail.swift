import HydrogenProtocol
import HydrogenShard

/// Mail that a recording holds as a whole: what comes from outside of the loops. What loops post is named by its stamp.
enum RecordedMailKind: UInt8 {
    case event, answer, keys, policy, drain, disconnect, describe, describeBlocks, liftBlocks, stored, publish
    case describeSessions, ticket, refusedElsewhere, limitedElsewhere

    /// nil for mail that only loops send.
    init?(_ mail: Mail) {
        switch mail {
        case .event: self = .event
        case .answer: self = .answer
        case .keys: self = .keys
        case .policy: self = .policy
        case .drain: self = .drain
        case .disconnect: self = .disconnect
        case .describe: self = .describe
        case .describeBlocks: self = .describeBlocks
        case .liftBlocks: self = .liftBlocks
        case .stored: self = .stored
        case .publish: self = .publish
        case .settleKey, .prepare, .prepared, .decided: return nil
        case .describeSessions: self = .describeSessions
        case .ticket: self = .ticket
        case .refusedElsewhere: self = .refusedElsewhere
        case .limitedElsewhere: self = .limitedElsewhere
        case .receivers, .claimKey, .keyVerdict, .link, .expireLongestDetached, .identityBlocked, .stamped: return nil
        }
    }
}

extension Mail {
    /// Everything that it says: for a recording, and of mail between loops for the digest.
    func encode(to encoder: inout RecordingEncoder) {
        switch self {
        case .event(let event, let report):
            encoder.append(RecordedEvent(event))
            encoder.append(report)
        case .answer(let answer):
            encoder.append(answer)
        case .keys(let keys):
            encoder.append(RecordedKeys(keys))
        case .policy(let policy):
            encoder.append(policy)
        case .drain(let spread):
            encoder.append(spread)
        case .disconnect(let selector, _):
            // Who asked has no part in what the loop does.
            encoder.append(selector)
        case .liftBlocks(let address, _):
            encoder.append(address)
        case .ticket(let ticket, _):
            encoder.append(ticket)
        case .refusedElsewhere(let code, let offender):
            encoder.append(code)
            offender.encode(to: &encoder)
        case .limitedElsewhere(let name, let offender, let isDryRun):
            encoder.append(name.rawValue)
            offender.encode(to: &encoder)
            encoder.append(isDryRun)
        case .receivers(let count, let publication):
            encoder.append(count)
            encoder.append(UInt64(publication))
        case .claimKey(let key, let event, let isPending, let loop, let publication):
            encoder.append(key)
            encoder.append(event)
            encoder.append(isPending)
            encoder.append(loop)
            encoder.append(UInt64(publication))
        case .keyVerdict(let verdict, let publication):
            verdict.encode(to: &encoder)
            encoder.append(UInt64(publication))
        case .settleKey(let key, let event, let isCommitted):
            encoder.append(key)
            encoder.append(event)
            encoder.append(isCommitted)
        case .prepare(let event, let report):
            encoder.append(RecordedEvent(event))
            encoder.append(report)
        case .prepared(let answer, let publication):
            answer.encode(to: &encoder)
            encoder.append(UInt64(publication))
        case .decided(let slot, let isCommitted):
            encoder.append(UInt64(slot))
            encoder.append(isCommitted)
        case .stored(let answer):
            encoder.append(answer)
        case .publish(let publish):
            encoder.append(publish)
        case .link(let mail):
            mail.give(to: &encoder)
        case .identityBlocked(let offender):
            offender.encode(to: &encoder)
        case .stamped(let mail, _):
            mail.encode(to: &encoder)
        // A description changes nothing.
        case .describe, .describeSessions, .describeBlocks, .expireLongestDetached:
            break
        }
    }

    init(_ kind: RecordedMailKind, from decoder: inout RecordingDecoder) throws(RecordingFault) {
        switch kind {
        case .event: self = .event(try decoder.value(RecordedEvent.self).event, report: try decoder.optional())
        case .answer: self = .answer(try decoder.value())
        case .keys: self = .keys(try decoder.value(RecordedKeys.self).keys)
        case .policy: self = .policy(try decoder.value())
        case .drain: self = .drain(spread: try decoder.value())
        case .disconnect: self = .disconnect(try decoder.value(), answer: { _ in })
        case .describe: self = .describe(DescriptionPage(maximumCount: 0), answer: { _ in })
        case .describeSessions: self = .describeSessions(DescriptionPage(maximumCount: 0), answer: { _ in })
        case .ticket: self = .ticket(try decoder.value(), answer: {})
        case .refusedElsewhere:
            let code = try decoder.value(ErrorCode.self)
            self = .refusedElsewhere(code, try Offender(from: &decoder))
        case .limitedElsewhere:
            let number = try decoder.integer(Int.self)
            guard let name = LimitName(rawValue: number) else { throw .malformed("the name of a limit") }
            let offender = try Offender(from: &decoder)
            self = .limitedElsewhere(name, offender, isDryRun: try decoder.flag())
        case .describeBlocks: self = .describeBlocks(answer: { _ in })
        case .liftBlocks: self = .liftBlocks(try decoder.value(), answer: { _ in })
        case .stored: self = .stored(try decoder.value())
        case .publish: self = .publish(try decoder.value())
        }
    }
}

extension RecordingEncoder: ValueSink {
    package mutating func append(_ event: PublishedEvent) { self.append(RecordedEvent(event)) }
    package mutating func append(_ grant: Grant) { self.append(RecordedGrant(grant)) }
}

extension ConnectionSelector: Recordable {
    func encode(to encoder: inout RecordingEncoder) {
        switch self {
        case .session(let id):
            encoder.append(byte: 0)
            encoder.append(id)
        case .identity(let identity):
            encoder.append(byte: 1)
            encoder.append(identity)
        case .address(let address):
            encoder.append(byte: 2)
            encoder.append(address)
        }
    }

    init(from decoder: inout RecordingDecoder) throws(RecordingFault) {
        switch try decoder.byte() {
        case 0: self = .session(try decoder.text())
        case 1: self = .identity(try decoder.text())
        case 2: self = .address(try decoder.value())
        default: throw .malformed("a selector")
        }
    }
}

extension ServiceAnswer: Recordable {
    func encode(to encoder: inout RecordingEncoder) {
        encoder.append(UInt64(self.slot))
        encoder.append(UInt64(self.generation))
        switch self.outcome {
        case .success(let data):
            encoder.append(true)
            encoder.append(data)
        case .failure(let code, let details):
            encoder.append(false)
            encoder.append(code)
            encoder.append(details)
        }
    }

    init(from decoder: inout RecordingDecoder) throws(RecordingFault) {
        let (slot, generation) = (try decoder.integer(UInt32.self), try decoder.integer(UInt32.self))
        let outcome =
            try decoder.flag()
            ? Outcome.success(try decoder.data())
            : Outcome.failure(try decoder.value(), details: try decoder.text())
        self.init(slot: slot, generation: generation, outcome: outcome)
    }
}
