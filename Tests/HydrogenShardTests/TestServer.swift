import Foundation
import HydrogenConnection
import HydrogenCrypto
import HydrogenMetrics
import HydrogenProtocol
import Testing

@testable import HydrogenShard

/// Loops of shards without a transport: what they write is kept, and their mail is carried by hand.
final class TestServer {
    static let token = "hk_test"

    var shards: [ShardBox] = []
    let ledger: SharedLedger
    let places: MailPlaces
    var now = Moment(instant: Instant(nanoseconds: 0), wall: WallTime(milliseconds: 1_800_000_000_000))
    /// What each connection was sent, as the JSON texts of its frames, by loop and slot.
    var sent: [String: [String]] = [:]
    var effects: [Effect] = []
    /// Mail on its way, by the loops that it goes from and to; nil: it is carried at once.
    var heldMail: [[[Mail]]]?
    /// The connections that a shard asked to close.
    var closed: [(loop: Int, id: ConnectionID, code: CloseCode)] = []
    /// Batches that the store has not answered.
    var batches: [StoreBatch] = []
    /// What came of publishes of the server, by number.
    var published: [UInt64: PublishOutcome] = [:]
    /// Connections whose transport takes nothing.
    var choked: Set<ConnectionID> = []
    /// The loop that they are on; nil: whichever.
    var chokedLoop: Int?

    /// A shard on the heap, so that several can stand in an array.
    final class ShardBox {
        var shard: Shard
        init(_ shard: consuming Shard) { self.shard = shard }
    }

    static func configuration() -> ShardConfiguration {
        ShardConfiguration(
            node: "test", serverVersion: "0", path: "/", offersEcho: false, maxConnections: 3, maxHandshakes: 20,
            timeouts: .init(
                handshake: .seconds(10), heartbeatInterval: .seconds(25), heartbeatTimeout: .seconds(10),
                inactiveTimeout: .seconds(15), idleTimeout: .seconds(300), closeTimeout: .seconds(5),
                zombieTimeout: .seconds(60)),
            messageTimeout: .seconds(30), commandTimeout: .seconds(30), maxMessageBytes: 1024, maxJSONDepth: 32,
            maxCommandsInFlight: 2, maxFilterBytes: 256, maxRetained: 2, maxSubscriptions: 3,
            maxSendQueueBytes: 2048, maxPublishKeys: 10,
            channels: [
                .init(name: "system", service: nil, actions: [], isOpenForPublishing: false),
                .init(name: "print", service: nil, actions: [], isOpenForPublishing: true),
                .init(name: "file", service: 0, actions: [("list", "")], isOpenForPublishing: true),
            ])
    }

    /// - Parameters:
    ///   - others: further identities; the key of each is `hk_` and its name.
    ///   - restored: what each loop finds at its start.
    ///   - now: when it starts.
    init(
        loopCount: Int = 1, _ configuration: ShardConfiguration = configuration(), permissions: [String] = ["*:*"],
        others: [String] = [], limits: LimitPolicy = .none, restored: [RestoredState] = [], seed: UInt64 = 1,
        now: Moment? = nil
    ) {
        if let now { self.now = now }
        self.entropy = seed
        self.ledger = SharedLedger(maxAddresses: configuration.maxAddresses)
        self.places = MailPlaces(loopCount: loopCount, eventCount: 8, answerCount: 8, controlCount: 2)
        let metrics = ShardMetrics(channels: configuration.channels.map(\.name))
        let grants =
            [Self.grant("tester", permissions, token: Self.token)]
            + others.map { Self.grant($0, permissions, token: "hk_\($0)") }
        for loop in 0..<loopCount {
            var shard = Shard(
                configuration: configuration,
                policy: Self.policy(limits),
                keys: KeyRing(grants: grants, anonymous: nil), loop: loop, ledger: self.ledger, places: self.places,
                metrics: metrics, snapshots: SnapshotCell(metrics.table))
            Self.supplyEntropy(to: &shard, &self.entropy)
            if !restored.isEmpty { shard.restore(restored[loop], at: self.now) }
            self.shards.append(ShardBox(shard))
        }
    }

    static func grant(
        _ identity: String, _ permissions: [String] = ["*:*"], token: String, expires: WallTime? = nil,
        isRevoked: Bool = false
    ) -> Grant {
        Grant(
            identity: identity, permissions: permissions.compactMap { PermissionPattern($0) }, keyID: "key",
            expires: expires, isRevoked: isRevoked, digest: SHA256.hash(Array(token.utf8).span))
    }

    /// What the next random bytes come from: the same in every run.
    private var entropy: UInt64

    private static func supplyEntropy(to shard: inout Shard, _ state: inout UInt64) {
        let bytes = (0..<shard.entropyNeededCount).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 33)
        }
        shard.supply(entropy: bytes.span)
    }

    static func policy(_ limits: LimitPolicy) -> ShardPolicy {
        ShardPolicy(requiresMessageToken: false, allowedOrigins: nil, maxProtocolErrors: 3, limits: limits)
    }

    /// SIGHUP with other actions that must be signed.
    func setPolicy(signedActions: [String], window: Interval = .seconds(30)) {
        var policy = Self.policy(.none)
        policy.signedActions = signedActions.compactMap(SignedAction.init)
        policy.signatureWindow = window
        for loop in self.shards.indices where self.places.reserve(of: .control, at: loop) {
            self.shards[loop].shard.deliver(.policy(policy), at: self.now)
        }
        self.turn()
    }

    func request(token: String = TestServer.token) -> HandshakeRequest {
        var request = HandshakeRequest(isGet: true, isHTTP11: true, path: "/")
        request.host = "localhost"
        request.upgrade = "websocket"
        request.webSocketVersion = "13"
        request.webSocketKey = "dGhlIHNhbXBsZSBub25jZQ=="
        request.subprotocols = "hydrogen-protocol"
        request.authorization = "Key \(token)"
        return request
    }

    static let localhost = PeerAddress(ipv4: 0x7f00_0001, port: 1)

    /// A connection in service; what it was sent so far is forgotten.
    func connect(
        loop: Int = 0, token: String = TestServer.token, from peer: PeerAddress = localhost,
        subprotocol: String = "hydrogen-protocol"
    ) -> ConnectionID? {
        self.open(loop: loop, token: token, from: peer, subprotocol: subprotocol)?.id
    }

    /// A connection in service, and the data of its first event.
    func open(
        loop: Int = 0, token: String = TestServer.token, from peer: PeerAddress = localhost,
        subprotocol: String = "hydrogen-protocol"
    ) -> (id: ConnectionID, session: SessionData)? {
        guard let id = self.shards[loop].shard.accepted(peer, at: self.now) else { return nil }
        var request = self.request(token: token)
        request.subprotocols = subprotocol
        guard case .accept = self.shards[loop].shard.requested(request, on: id, at: self.now) else { return nil }
        self.shards[loop].shard.upgraded(id, at: self.now)
        self.turn()
        return (id, SessionData(self.take(id, loop: loop).joined()))
    }

    /// Ends the transport of a connection; nil: it is lost without a close frame.
    func end(_ id: ConnectionID, loop: Int = 0, code: UInt16? = nil) {
        if let code { self.shards[loop].shard.closeReceived(code, on: id, at: self.now) }
        self.shards[loop].shard.transportEnded(id, code == nil ? .lost : .closed(code), at: self.now)
        self.turn()
    }

    /// The sum of a counter or gauge over all loops.
    func sum(_ slot: (ShardMetrics) -> Int) -> Int64 {
        self.shards.reduce(0) { $0 + $1.shard.counters.value(slot($1.shard.metrics)) }
    }

    func name(_ id: ConnectionID, _ loop: Int) -> String { "\(loop):\(id.slot)" }

    /// Hands a message in, ends the turn, and returns what the connection was sent.
    ///
    /// - Parameter taking: whether what it was sent is returned and forgotten.
    @discardableResult
    func send(_ text: String, on id: ConnectionID, loop: Int = 0, taking: Bool = true) -> [String] {
        self.shards[loop].shard.received(
            Array(text.utf8).span, Fragment(isBinary: false, isFirst: true, isLast: true), on: id, at: self.now)
        self.turn()
        return taking ? self.take(id, loop: loop) : []
    }

    /// The transport of a connection takes bytes again.
    func unchoke(_ id: ConnectionID, loop: Int = 0) {
        self.choked.remove(id)
        self.shards[loop].shard.writable(id, at: self.now) { bytes in
            self.keep(bytes, id, loop)
            return .taken
        }
        self.turn()
    }

    @discardableResult
    func take(_ id: ConnectionID, loop: Int = 0) -> [String] {
        defer { self.sent[self.name(id, loop)] = [] }
        return self.sent[self.name(id, loop)] ?? []
    }

    static func command(_ channel: String, _ action: String, _ data: String = "{}") -> String {
        #"{"type":"command","id":"c","channel":"\#(channel)","action":"\#(action)","data":\#(data)}"#
    }

    /// Ends the turn of every loop and carries their mail, until nothing moves.
    func turn() {
        var isMoving = true
        while isMoving {
            isMoving = false
            for loop in self.shards.indices {
                self.shards[loop].shard.endTurn(at: self.now) { id, bytes in self.write(bytes, id, loop) }
                Self.supplyEntropy(to: &self.shards[loop].shard, &self.entropy)
                while let effect = self.shards[loop].shard.nextEffect() {
                    if case .post(let mail, let target) = effect {
                        guard self.heldMail == nil else {
                            self.heldMail?[loop][target].append(mail)
                            continue
                        }
                        self.shards[target].shard.deliver(mail, at: self.now)
                        isMoving = true
                    } else {
                        if case .log(.programmingError(_, let text)) = effect { Issue.record("\(text)") }
                        if case .store(let batch) = effect { self.batches.append(batch) }
                        if case .published(let number, let outcome) = effect { self.published[number] = outcome }
                        if case .close(let id, let code, _) = effect { self.closed.append((loop, id, code)) }
                        self.effects.append(effect)
                    }
                }
            }
        }
    }

    /// The store answers the oldest batch of a loop.
    func answerStore(_ isStored: Bool, loop: Int? = nil, into store: ModelStore? = nil) {
        guard let index = self.batches.firstIndex(where: { loop == nil || $0.loop == loop }) else { return }
        let batch = self.batches.remove(at: index)
        if isStored { store?.commit(batch) }
        self.shards[batch.loop].shard.deliver(
            .stored(StoreAnswer(ticket: batch.ticket, isStored: isStored, commit: .milliseconds(1))), at: self.now)
        self.turn()
    }

    /// The store answers everything, and what comes of it.
    func answerStoreFully(_ isStored: Bool = true, into store: ModelStore? = nil) {
        while !self.batches.isEmpty { self.answerStore(isStored, into: store) }
    }

    /// From now on mail waits until `carryMail`.
    func holdMail() {
        self.heldMail = Array(repeating: Array(repeating: [], count: self.shards.count), count: self.shards.count)
    }

    /// The pairs of loops that mail waits between.
    var waitingPairs: [(from: Int, to: Int)] {
        guard let heldMail else { return [] }
        return heldMail.indices.flatMap { from in
            heldMail[from].indices.filter { !heldMail[from][$0].isEmpty }.map { (from, $0) }
        }
    }

    /// Delivers the oldest mail between two loops.
    func carryMail(from: Int, to: Int) {
        guard let mail = self.heldMail?[from][to].removeFirst() else { return }
        self.shards[to].shard.deliver(mail, at: self.now)
        self.turn()
    }

    /// Delivers everything, and carries mail at once again.
    func releaseMail() {
        while let pair = self.waitingPairs.first { self.carryMail(from: pair.from, to: pair.to) }
        self.heldMail = nil
    }

    func advance(by interval: Interval) {
        self.now.instant = self.now.instant + interval
        for loop in self.shards.indices { self.shards[loop].shard.advance(to: self.now) }
        self.turn()
    }

    private func write(_ bytes: Span<UInt8>, _ id: ConnectionID, _ loop: Int) -> WriteOutcome {
        if self.choked.contains(id), self.chokedLoop == nil || self.chokedLoop == loop { return .choked }
        self.keep(bytes, id, loop)
        return .taken
    }

    /// Takes frames apart.
    func keep(_ bytes: Span<UInt8>, _ id: ConnectionID, _ loop: Int) {
        var index = 0
        while index < bytes.count {
            var length = Int(bytes[index + 1])
            var start = index + 2
            if length == 126 {
                length = Int(bytes[index + 2]) << 8 | Int(bytes[index + 3])
                start = index + 4
            }
            let payload = [UInt8](bytes.extracting(start..<start + length))
            self.sent[self.name(id, loop), default: []].append(String(decoding: payload, as: UTF8.self))
            index = start + length
        }
    }

    /// What was logged as dead letters.
    var deadLetters: [(offset: Int64, attempts: Int)] {
        self.effects.compactMap { effect in
            if case .log(.deadLetter(_, _, _, _, _, let offset, let attempts)) = effect { return (offset, attempts) }
            return nil
        }
    }

    /// The codes that the shard asked to close with.
    var closeCodes: [CloseCode] { self.closed.map(\.code) }
}

/// What `system/session` tells.
struct SessionData {
    var id: String
    var token: String
    var signingKey: String

    init(_ text: String) {
        self.id = SessionData.string("session", in: text)
        self.token = SessionData.string("token", in: text)
        self.signingKey = SessionData.string("signing_key", in: text)
    }

    /// The value of a string member of `data`.
    static func string(_ name: String, in text: String) -> String {
        guard let data = text.range(of: #""data":"#) else { return "" }
        let rest = text[data.upperBound...]
        guard let start = rest.range(of: #""\#(name)":""#), let end = rest[start.upperBound...].firstIndex(of: "\"")
        else { return "" }
        return String(rest[start.upperBound..<end])
    }
}
