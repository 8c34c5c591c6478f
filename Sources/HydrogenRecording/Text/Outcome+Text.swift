import HydrogenProtocol
import HydrogenShard

extension Effect {
    /// What is wanted, in a few words.
    package var text: String {
        switch self {
        case .requestWritable(let id): "request writable \(id.text)"
        case .close(let id, let code, let reason):
            "close \(id.text) code \(code.rawValue) \(reason?.qualifiedName ?? "-")"
        case .abort(let id): "abort \(id.text)"
        case .post(let mail, let loop): "post to loop \(loop): \(mail.text)"
        case .dispatch(let request):
            "dispatch \(request.slot):\(request.generation) \(request.channel)/\(Excerpt.of(request.action)):"
                + " \(Excerpt.of(request.data))"
        case .log(let record): "log \(record.text)"
        case .store(let batch): "store batch \(batch.ticket): \(batch.events.count) events, \(batch.rows.count) rows"
        case .published(let number, _): "published \(number)"
        case .drained: "drained"
        }
    }
}

extension LogRecord {
    fileprivate var text: String {
        switch self {
        case .opened(let id, let session, let identity, _):
            "opened \(id.text) session \(session) identity \(Excerpt.of(identity))"
        case .resumed(let id, let session): "resumed \(id.text) session \(session)"
        case .refused(let peer, let code, let status): "refused \(peer.text) \(status) \(code.qualifiedName)"
        case .closed(let id, _, _, _, let code, let duration, let received, let sent):
            "closed \(id.text) code \(code) after \(duration.milliseconds) ms, received \(received), sent \(sent)"
        case .dropped(let peer, let code): "dropped \(peer.text) \(code.qualifiedName)"
        case .orphanCollected(let id, let references): "orphan \(id.text) with \(references) references"
        case .serviceFailed(let channel, let action, let code, let details):
            "service failed \(channel)/\(Excerpt.of(action)) \(code.qualifiedName) \(Excerpt.of(details))"
        case .deadLetter(let event, let channel, let action, let session, _, let offset, let attempts):
            "dead letter \(event.text) \(channel)/\(Excerpt.of(action)) session \(session) offset \(offset)"
                + " after \(attempts) sendings"
        case .blocked(let block): "blocked \(block.text)"
        case .blockEnded(let block, let end): "block ended, \(end): \(block.text)"
        case .limitWouldRefuse(let limit, let offender, let count):
            "\(limit.label) would have refused \(count), the last of \(offender.text)"
        case .programmingError(let id, let text): "programming error \(id.text) \(text)"
        }
    }
}

extension BlockDescription {
    fileprivate var text: String {
        "\(self.offender.text) for \(self.duration.milliseconds) ms because of \(self.reason.label)"
            + (self.isDryRun ? ", on trial" : "")
    }
}

extension ReplayedStep {
    /// What came of the step, in one line; empty if nothing did.
    package var outcomeText: String {
        var parts: [String] = []
        switch self.result {
        case nil: break
        case .admission(let id): parts.append(id.map { "as \($0.text)" } ?? "closed at once")
        case .decision(.accept(let subprotocol)): parts.append("accept \(subprotocol.rawValue)")
        case .decision(.refuse(let refusal)): parts.append("refuse \(refusal.status) \(refusal.code.qualifiedName)")
        case .decision(.drop): parts.append("drop")
        }
        parts += self.writes.map { write in
            "write \(write.id.text) \(write.bytes.count) bytes, \(write.outcome): \(FrameText.of(write.bytes))"
        }
        parts += self.effects.map(\.text)
        parts += self.machineSteps.filter { $0.before != $0.after }.map {
            "\($0.id.text) \($0.before.label) to \($0.after.label) by \($0.event)"
        }
        return parts.joined(separator: "; ")
    }

    /// The step as a line of a trace: the time since the recording began in seconds, the loop, its step, what
    /// happened, and what came of it.
    package func line(since start: WallTime) -> String {
        let milliseconds = self.recorded.moment.wall.milliseconds - start.milliseconds
        let outcome = self.outcomeText
        return "\(milliseconds.asSeconds) loop \(self.loop) step \(self.number) \(self.recorded.input.text)"
            + (outcome.isEmpty ? "" : " -> \(outcome)")
    }
}

extension Int64 {
    /// Milliseconds as seconds with three places.
    package var asSeconds: String {
        let rest = String(abs(self % 1000))
        return "\(self < 0 ? "-" : "")\(abs(self / 1000)).\(String(repeating: "0", count: 3 - rest.count))\(rest)"
    }
}

extension RecordedOutcome {
    /// What a recording knows of it: kinds, sizes and the digest.
    package var text: String {
        var parts = self.writes.map { "write of \($0.byteCount) bytes, \($0.outcome)" }
        parts += self.effects.map { "\($0)" }
        if let digest = self.digest { parts.append("digest \(String(digest, radix: 16))") }
        return parts.isEmpty ? "nothing" : parts.joined(separator: "; ")
    }
}
