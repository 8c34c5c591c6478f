import Foundation
import HydrogenProtocol
import HydrogenShard

@testable import HydrogenTransport

/// What a scripted core saw, for the test's thread.
final class Journal: @unchecked Sendable {
    private let lock = NSLock()
    private var lines: [String] = []
    private var taken: [Int] = []

    func append(_ line: String) { self.lock.withLock { self.lines.append(line) } }
    func countWrite(_ bytes: Int) { self.lock.withLock { self.taken.append(bytes) } }
    /// A copy of its own: ThreadSanitizer does not see the reference count by which arrays share memory.
    var all: [String] { self.lock.withLock { self.lines.map { $0 } } }
    var writes: [Int] { self.lock.withLock { self.taken.map { $0 } } }
    func count(_ line: String) -> Int { self.lock.withLock { self.lines.count { $0 == line } } }

    /// Waits until a line is there as often as asked, for at most half a minute: lws's own time-outs are of seconds, and
    /// the machine may be busy.
    func wait(for line: String, count: Int = 1) -> Bool {
        for _ in 0..<6_000 {
            if self.count(line) >= count { return true }
            usleep(5_000)
        }
        return false
    }
}

/// A core that follows what its peers ask for: by the path of the request, and by text messages that begin with "!".
struct ScriptedCore: ~Copyable {
    struct Connection {
        var generation: UInt32 = 0
        var isUpgraded = false
        var message: [UInt8] = []
        var isBinary = false
        var frames: [[UInt8]] = []
        var isClosing = false
        var pendingClose: (CloseCode, ErrorCode?)?
    }

    let journal: Journal
    var maxConnections = 100_000
    var connections: [Connection] = []
    var generation: UInt32 = 0
    var live = 0
    var effects: [Effect] = []
    var dirty: [ConnectionID] = []
    var deadlines: [Instant] = []
    var timeouts: [Instant] = []
    var wantedEntropy = 32
    var isDraining = false

    init(journal: Journal) { self.journal = journal }

    func holds(_ id: ConnectionID) -> Bool { self.connections[Int(id.slot)].generation == id.generation }

    static func frame(_ opcode: UInt8, _ payload: [UInt8]) -> [UInt8] {
        var frame = [0x80 | opcode]
        switch payload.count {
        case ..<126: frame.append(UInt8(payload.count))
        case ..<65_536: frame += [126, UInt8(payload.count >> 8), UInt8(payload.count & 0xff)]
        default:
            frame.append(127)
            for shift in stride(from: 56, through: 0, by: -8) { frame.append(UInt8((payload.count >> shift) & 0xff)) }
        }
        return frame + payload
    }

    mutating func send(_ opcode: UInt8, _ payload: [UInt8], to id: ConnectionID) {
        self.connections[Int(id.slot)].frames.append(Self.frame(opcode, payload))
        self.dirty.append(id)
    }

    mutating func flush(_ id: ConnectionID, write: (Span<UInt8>) -> WriteOutcome) {
        while !self.connections[Int(id.slot)].frames.isEmpty {
            var batch: [UInt8] = []
            var count = 0
            for frame in self.connections[Int(id.slot)].frames {
                if count > 0, batch.count + frame.count > 65_536 { break }
                batch += frame
                count += 1
            }
            switch write(batch.span) {
            case .taken:
                self.journal.countWrite(batch.count)
                self.connections[Int(id.slot)].frames.removeFirst(count)
            case .choked:
                self.effects.append(.requestWritable(id))
                return
            case .failed:
                self.connections[Int(id.slot)].frames = []
                return
            }
        }
        if let (code, reason) = self.connections[Int(id.slot)].pendingClose {
            self.connections[Int(id.slot)].pendingClose = nil
            self.effects.append(.close(id, code, reason: reason))
        }
    }

    mutating func obey(_ words: [Substring], on id: ConnectionID, at now: Moment) {
        switch words[0] {
        case "!close":
            let code = CloseCode(rawValue: UInt16(words[1])!)!
            self.connections[Int(id.slot)].pendingClose = (code, words.count > 2 ? .connectionSlowConsumer : nil)
            self.dirty.append(id)
        case "!abort":
            self.effects.append(.abort(id))
        case "!push":
            for number in 0..<Int(words[1])! {
                self.send(2, [UInt8](repeating: UInt8(number & 0xff), count: Int(words[2])!), to: id)
            }
        case "!ping":
            self.send(9, [1, 2, 3], to: id)
        case "!timeouts":
            self.timeouts += (1...Int64(words[1])!).map { now.instant + .milliseconds($0) }
        case "!deadline":
            self.deadlines.append(now.instant + .milliseconds(Int64(words[1])!))
        default:
            self.journal.append("unknown \(words[0])")
        }
    }
}

extension ScriptedCore: LoopCore {
    static var trampolines: LoopTrampolines {
        LoopTrampolines(
            callback: { wsi, reason, user, input, count in
                EventLoop<ScriptedCore>.called(wsi, reason, user, input, count)
            },
            watcher: { watcher in EventLoop<ScriptedCore>.watcherFired(watcher) },
            maskWatcher: { watcher in EventLoop<ScriptedCore>.maskWatcherFired(watcher) })
    }

    mutating func accepted(_ peer: PeerAddress, at now: Moment) -> ConnectionID? {
        guard self.live < self.maxConnections else { return nil }
        self.journal.append("accepted")
        self.live += 1
        self.generation += 1
        let slot: Int
        if let free = self.connections.firstIndex(where: { $0.generation == 0 }), free < 64 {
            slot = free
        } else {
            slot = self.connections.count
            self.connections.append(Connection())
        }
        self.connections[slot] = Connection(generation: self.generation)
        return ConnectionID(slot: UInt32(slot), generation: self.generation)
    }

    mutating func requested(_ request: HandshakeRequest, on id: ConnectionID, at now: Moment) -> HandshakeDecision {
        let fields = [
            request.isGet ? "GET" : "other", request.isHTTP11 ? "1.1" : "1.0", request.path, request.host ?? "-",
            request.upgrade ?? "-", request.webSocketVersion ?? "-", request.subprotocols ?? "-",
            request.authorization ?? "-", request.origin ?? "-", request.forwardedFor ?? "-",
        ]
        self.journal.append("requested " + fields.joined(separator: "|"))
        if request.path == "/drop" { return .drop }
        if request.path == "/abort" { self.effects.append(.abort(id)) }
        guard request.isGet, request.upgrade != nil, request.path != "/refused" else {
            return .refuse(
                HandshakeRefusal(
                    status: request.upgrade == nil ? 426 : 401, code: .authenticationMissing,
                    headers: [(name: "WWW-Authenticate", value: "Key")], body: Array(#"{"error":{}}"#.utf8)))
        }
        let offered = (request.subprotocols ?? "").split { $0 == "," || $0 == " " }
        if offered.contains("hydrogen-protocol") { return .accept(.hydrogen) }
        return .accept(.echo)
    }

    mutating func upgraded(_ id: ConnectionID, at now: Moment) {
        precondition(self.holds(id))
        self.journal.append("upgraded")
        self.connections[Int(id.slot)].isUpgraded = true
    }

    mutating func received(_ bytes: Span<UInt8>, _ fragment: Fragment, on id: ConnectionID, at now: Moment) {
        precondition(self.holds(id))
        let slot = Int(id.slot)
        if fragment.isFirst {
            precondition(self.connections[slot].message.isEmpty)
            self.connections[slot].isBinary = fragment.isBinary
        }
        for index in bytes.indices { self.connections[slot].message.append(bytes[index]) }
        guard fragment.isLast else { return }
        let message = self.connections[slot].message
        self.connections[slot].message = []
        if message.first == UInt8(ascii: "!"), !self.connections[slot].isBinary {
            self.obey(String(decoding: message, as: UTF8.self).split(separator: " "), on: id, at: now)
        } else {
            self.send(self.connections[slot].isBinary ? 2 : 1, message, to: id)
        }
    }

    mutating func pongReceived(on id: ConnectionID, at now: Moment) { self.journal.append("pong") }

    mutating func closeReceived(_ code: UInt16?, on id: ConnectionID, at now: Moment) {
        precondition(self.holds(id))
        self.journal.append("closeReceived \(code.map(String.init) ?? "-")")
    }

    mutating func framingFailed(_ code: CloseCode, on id: ConnectionID, at now: Moment) {
        precondition(self.holds(id))
        self.journal.append("framingFailed \(code.rawValue)")
        self.effects.append(.close(id, code, reason: .framing))
    }

    mutating func transportEnded(_ id: ConnectionID, _ reason: TransportEnd, at now: Moment) {
        precondition(self.holds(id), "told twice")
        self.connections[Int(id.slot)] = Connection()
        self.live -= 1
        switch reason {
        case .closed(let code): self.journal.append("ended closed \(code.map(String.init) ?? "-")")
        case .lost: self.journal.append("ended lost")
        case .aborted: self.journal.append("ended aborted")
        case .tls: self.journal.append("ended tls")
        }
    }

    mutating func writable(_ id: ConnectionID, at now: Moment, write: (Span<UInt8>) -> WriteOutcome) {
        precondition(self.holds(id))
        self.flush(id, write: write)
    }

    mutating func deliver(_ mail: consuming Mail, at now: Moment) {
        self.journal.append("mail")
        guard case .drain = mail else { return }
        for (slot, connection) in self.connections.enumerated() where connection.isUpgraded {
            self.effects.append(
                .close(
                    ConnectionID(slot: UInt32(slot), generation: connection.generation), .goingAway, reason: nil))
        }
    }

    mutating func supply(entropy: Span<UInt8>) {
        self.wantedEntropy = 0
        self.journal.append("entropy \(entropy.count)")
    }

    var entropyNeededCount: Int { self.wantedEntropy }

    mutating func advance(to now: Moment) {
        while let first = self.nextDeadline, first <= now.instant {
            self.deadlines.removeAll { $0 == first }
            self.journal.append("deadline")
        }
        let count = self.timeouts.count
        self.timeouts.removeAll { $0 <= now.instant }
        guard self.timeouts.count < count else { return }
        self.journal.append("timeouts \(count - self.timeouts.count)")
        if self.timeouts.isEmpty { self.journal.append("last timeout") }
    }

    mutating func endTurn(at now: Moment, write: (ConnectionID, Span<UInt8>) -> WriteOutcome) {
        let dirty = self.dirty
        self.dirty = []
        for id in dirty where self.holds(id) { self.flush(id) { write(id, $0) } }
    }

    var isFlushDue: Bool { self.dirty.count > 1_000 }

    mutating func flush(at now: Moment, write: (ConnectionID, Span<UInt8>) -> WriteOutcome) {
        self.endTurn(at: now, write: write)
    }

    var nextTimeout: Instant? { self.timeouts.min() }
    var nextDeadline: Instant? { self.deadlines.min() }
    mutating func nextEffect() -> Effect? { self.effects.isEmpty ? nil : self.effects.removeFirst() }
    var connectionCount: Int { self.live }
}
