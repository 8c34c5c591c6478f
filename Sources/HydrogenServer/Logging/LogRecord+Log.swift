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
    /// `a.b.c.d:port` or `[v6]:port`, with the eight groups of an IPv6 address written out.
    var text: String {
        if self.isIPv4 {
            let octets = [24, 16, 8, 0].map { "\(UInt8(truncatingIfNeeded: self.low >> UInt64($0)))" }
            return "\(octets.joined(separator: ".")):\(self.port)"
        }
        let groups = [self.high, self.low].flatMap { word in
            [48, 32, 16, 0].map { String(UInt16(truncatingIfNeeded: word >> UInt64($0)), radix: 16) }
        }
        return "[\(groups.joined(separator: ":"))]:\(self.port)"
    }
}
