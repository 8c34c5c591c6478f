import HydrogenProtocol
import HydrogenShard

extension ConnectionID {
    /// Slot and generation.
    package var text: String { "\(self.slot):\(self.generation)" }
}

extension PeerAddress {
    /// As people write it, without the port.
    package var text: String {
        if self.isIPv4 {
            let address = UInt32(truncatingIfNeeded: self.low)
            return [24, 16, 8, 0].map { "\(address >> $0 & 0xff)" }.joined(separator: ".")
        }
        let groups = [self.high, self.low].flatMap { half in [48, 32, 16, 0].map { half >> $0 & 0xffff } }
        return groups.map { String($0, radix: 16) }.joined(separator: ":")
    }
}

extension RecordedInput {
    /// What happened, in one line.
    package var text: String {
        switch self {
        case .accepted(let peer):
            return "accepted \(peer.text) port \(peer.port)"
        case .requested(let request, let id):
            let method = request.isGet ? "GET" : "a request"
            return "requested \(id.text) \(method) \(Excerpt.of(request.path))"
                + " sub-protocols \(Excerpt.of(request.subprotocols ?? "-"))"
                + " origin \(Excerpt.of(request.origin ?? "-"))"
        case .upgraded(let id):
            return "upgraded \(id.text)"
        case .received(let bytes, let fragment, let id):
            return "received \(id.text) \(bytes.told.count + bytes.heldBackCount) bytes, \(fragment.text): "
                + Excerpt.of(bytes.told)
        case .pongReceived(let id):
            return "pong received \(id.text)"
        case .closeReceived(let code, let id):
            return "close received \(id.text) code \(code.map(String.init) ?? "-")"
        case .framingFailed(let code, let id):
            return "framing failed \(id.text) code \(code.rawValue)"
        case .transportEnded(let id, let end):
            return "transport ended \(id.text) \(end.text)"
        case .writable(let id):
            return "writable \(id.text)"
        case .deliver(let mail):
            return "mail \(mail.text)"
        case .deliverStamped(let stamp):
            return "mail \(stamp.number) of loop \(stamp.loop)"
        case .supply(let entropy):
            return "entropy \(entropy.count) bytes"
        case .advance:
            return "advance"
        case .endTurn:
            return "end of pass"
        case .flush:
            return "flush"
        case .passed(let duration):
            return "passed in \(duration.nanoseconds) ns"
        case .restore(let state):
            return "restored \(state.sessions.count) sessions, \(state.retained.count) retained events, "
                + "\(state.publishKeys.count) keys of publishes"
        }
    }
}

extension Fragment {
    fileprivate var text: String {
        let kind = self.isBinary ? "binary" : "text"
        switch (self.isFirst, self.isLast) {
        case (true, true): return "whole \(kind)"
        case (true, false): return "first piece of \(kind)"
        case (false, false): return "next piece of \(kind)"
        case (false, true): return "last piece of \(kind)"
        }
    }
}

extension TransportEnd {
    fileprivate var text: String {
        switch self {
        case .closed(let code): "closed, code \(code.map(String.init) ?? "-")"
        case .lost: "lost"
        case .aborted: "aborted"
        case .tls: "without TLS"
        }
    }
}

extension Mail {
    /// What it says, in one line.
    package var text: String {
        switch self {
        case .event(let event, let report):
            "event \(event.id.text)\(report == nil ? "" : " to be counted"): \(Excerpt.of(event.body))"
        case .receivers(let count, let publication):
            "\(count) receivers of publication \(publication)"
        case .claimKey(let key, let event, _, let loop, let publication):
            "loop \(loop) claims key \(Excerpt.of(key.key)) for event \(event.text), publication \(publication)"
        case .keyVerdict(let verdict, let publication):
            "verdict on the key of publication \(publication): \(verdict.text)"
        case .identityBlocked(let offender):
            "blocked elsewhere: \(offender.text)"
        case .describeBlocks:
            "describe blocks"
        case .liftBlocks(let address, _):
            "lift the blocks of \(address.text)"
        case .expireLongestDetached:
            "expire the longest detached session"
        case .answer(let answer):
            "answer to command \(answer.slot):\(answer.generation): \(answer.outcome.text)"
        case .keys(let keys):
            "\(keys.grants.count) keys"
        case .policy:
            "policy"
        case .drain(let spread):
            "drain over \(spread.milliseconds) ms"
        case .disconnect(let selector, _):
            "disconnect \(selector.text)"
        case .describe:
            "describe"
        case .settleKey(let key, let event, let isCommitted):
            "key \(Excerpt.of(key.key)) of event \(event.text) \(isCommitted ? "is kept" : "is free")"
        case .prepare(let event, let report):
            "prepare event \(event.id.text) for publication \(report.publication) of loop \(report.loop)"
        case .prepared(let answer, let publication):
            "\(answer.rows.count) rows prepared for publication \(publication)"
        case .decided(let slot, let isCommitted):
            "what was prepared in \(slot) is \(isCommitted ? "committed" : "forgotten")"
        case .stored(let answer):
            "batch \(answer.ticket) \(answer.isStored ? "is stored" : "failed")"
        case .publish(let publish):
            "publish \(publish.number): \(Excerpt.of(publish.data))"
        case .describeSessions:
            "describe sessions"
        case .ticket(let ticket, _):
            "ticket \(ticket.number) for \(Excerpt.of(ticket.identity))"
        case .refusedElsewhere(let code, let offender):
            "the server API refused \(offender.text): \(code.qualifiedName)"
        case .limitedElsewhere(let name, let offender, _):
            "the server API is over \(name.label) for \(offender.text)"
        case .link:
            "about sessions"
        case .stamped(let mail, _):
            mail.text
        }
    }
}

extension PublishKeyVerdict {
    fileprivate var text: String {
        switch self {
        case .granted: "granted"
        case .used(let event): "used for \(event.text)"
        case .pending: "not committed yet"
        }
    }
}

extension ServiceAnswer.Outcome {
    fileprivate var text: String {
        switch self {
        case .success(let data): Excerpt.of(data)
        case .failure(let code, let details): "\(code.qualifiedName) \(Excerpt.of(details))"
        }
    }
}

extension ConnectionSelector {
    fileprivate var text: String {
        switch self {
        case .session(let id): "session \(Excerpt.of(id))"
        case .identity(let identity): "identity \(Excerpt.of(identity))"
        case .address(let address): "address \(address.text)"
        }
    }
}

extension Offender {
    /// An address, or an identity at it.
    package var text: String {
        let address = PeerAddress(high: self.address.high, low: self.address.low, port: 0).text
        return self.identity.map { "\(Excerpt.of($0)) at \(address)" } ?? address
    }
}
