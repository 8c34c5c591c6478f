import HydrogenProtocol
import HydrogenShard
import HydrogenTransport
import Logging

extension Logger {
    /// Writes what a loop's core found worth a line.
    func record(_ record: LogRecord) {
        switch record {
        case .opened(let id, let session, let identity, let peer):
            self.info(
                "connection opened",
                metadata: [
                    "connection": "\(id.text)", "session": "\(session)", "identity": "\(identity)",
                    "address": "\(peer.text)",
                ])
        case .resumed(let id, let session):
            self.info("session resumed", metadata: ["connection": "\(id.text)", "session": "\(session)"])
        case .refused(let peer, let code, let status):
            self.info(
                "connection refused",
                metadata: ["address": "\(peer.text)", "error": "\(code.qualifiedName)", "status": "\(status)"])
        case .closed(let id, let session, let identity, let peer, let code, let duration, let received, let sent):
            self.info(
                "connection closed",
                metadata: [
                    "connection": "\(id.text)", "session": "\(session)", "identity": "\(identity)",
                    "address": "\(peer.text)", "code": "\(code)", "duration_ms": "\(duration.milliseconds)",
                    "messages_received": "\(received)", "messages_sent": "\(sent)",
                ])
        case .dropped(let peer, let code):
            self.info(
                "connection dropped", metadata: ["address": "\(peer.text)", "error": "\(code.qualifiedName)"])
        case .orphanCollected(let id, let references):
            self.warning(
                "context freed although a service still held it",
                metadata: ["connection": "\(id.text)", "references": "\(references)"])
        case .serviceFailed(let channel, let action, let code, let details):
            self.warning(
                "a service failed a command",
                metadata: [
                    "channel": "\(channel)", "action": "\(action)", "error": "\(code.qualifiedName)",
                    "details": "\(details)",
                ])
        case .deadLetter(let event, let channel, let action, let session, let identity, let offset, let attempts):
            self.warning(
                "dead letter",
                metadata: [
                    "event": "\(event.text)", "channel": "\(channel)", "action": "\(action)",
                    "session": "\(session)", "identity": "\(identity)", "offset": "\(offset)",
                    "attempts": "\(attempts)",
                ])
        case .blocked(let block):
            self.warning(
                block.isDryRun ? "would be blocked (dry run)" : "blocked",
                metadata: block.offender.metadata.merging([
                    "reason": "\(block.reason.label)", "duration_ms": "\(block.duration.milliseconds)",
                ]) { $1 })
        case .blockEnded(let block, let end):
            self.info(
                "block ended",
                metadata: block.offender.metadata.merging([
                    "reason": "\(block.reason.label)", "cause": "\(end)",
                ]) { $1 })
        case .limitWouldRefuse(let limit, let offender, let count):
            self.notice(
                "over a limit (dry run)",
                metadata: offender.metadata.merging(["limit": "\(limit.label)", "count": "\(count)"]) { $1 })
        case .programmingError(let id, let text):
            self.critical("a rule of our own was broken", metadata: ["connection": "\(id.text)", "rule": "\(text)"])
        }
    }

    /// Writes what went wrong on a loop.
    func fault(_ fault: LoopFault, loop: LoopIndex) {
        switch fault {
        case .acceptPaused(let code):
            self.error("accepting pauses for a second", metadata: ["loop": "\(loop)", "errno": "\(code)"])
        case .adoptFailed:
            self.error("a socket could not be adopted", metadata: ["loop": "\(loop)"])
        case .certificatesKept:
            self.error("the new certificate could not be used; the old one stays", metadata: ["loop": "\(loop)"])
        case .mailLost(let target):
            self.critical("a mailbox had no place", metadata: ["loop": "\(loop)", "to": "\(target)"])
        }
    }
}

extension ConnectionID {
    /// `slot.generation`.
    var text: String { "\(self.slot).\(self.generation)" }
}

extension PeerAddress {
    /// `a.b.c.d:port` or `[v6]:port`. The port of a client behind a proxy is not known.
    var text: String {
        let host = NetworkAddress(high: self.high, low: self.low).text
        if self.port == 0 { return host }
        return self.isIPv4 ? "\(host):\(self.port)" : "[\(host)]:\(self.port)"
    }
}

extension CountedAddress {
    /// `a.b.c.d`, or the network `v6/64`.
    var text: String {
        let address = NetworkAddress(high: self.high, low: self.low)
        return address.isIPv4 ? address.text : "\(address.text)/64"
    }
}

extension Offender {
    fileprivate var metadata: Logger.Metadata {
        var metadata: Logger.Metadata = ["address": "\(self.address.text)"]
        if let identity = self.identity { metadata["identity"] = "\(identity)" }
        return metadata
    }
}
