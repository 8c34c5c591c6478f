import HydrogenConnection
import HydrogenCrypto
import HydrogenMetrics
import HydrogenProtocol
import HydrogenShard

@testable import HydrogenRecording

/// Recorded shards without a transport: their mail is carried by hand, and their blocks are kept.
final class RecordedLoops {
    static let token = "hk_" + String(repeating: "aB3_-", count: 8) + "xyz"
    static let secondToken = "hk_" + String(repeating: "Zz9", count: 14) + "0"

    /// A shard on the heap, so that several can stand in an array.
    final class Box {
        var shard: RecordedShard?
        let recorder: LoopRecorder

        init(_ shard: consuming Shard, _ recorder: LoopRecorder) {
            self.recorder = recorder
            self.shard = RecordedShard(shard, recorder)
        }
    }

    /// What was handed over, in order.
    final class Collector: @unchecked Sendable {
        var blocks: [RecordingBlock] = []
        /// How many blocks are taken.
        var capacity = Int.max

        func take(_ block: RecordingBlock) -> Bool {
            guard self.blocks.count < self.capacity else { return false }
            self.blocks.append(block)
            return true
        }
    }

    let collector = Collector()
    private(set) var boxes: [Box] = []
    private let ledger = SharedLedger()
    private let places: MailPlaces
    private let head: RecordingHead
    private let mask: KeyMask
    var now = Moment(instant: Instant(nanoseconds: 5_000_000_123), wall: WallTime(milliseconds: 1_800_000_000_000))
    /// Connections whose transport takes nothing.
    var choked: Set<ConnectionID> = []
    /// The texts of all that was written.
    private(set) var written: [String] = []
    /// Requests to services that wait for an answer.
    private(set) var requests: [ServiceRequest] = []
    /// Batches that the store has not answered.
    private(set) var batches: [StoreBatch] = []

    static func configuration() -> ShardConfiguration {
        ShardConfiguration(
            node: "test", serverVersion: "0", path: "/", offersEcho: true, maxConnections: 3, maxHandshakes: 20,
            timeouts: .init(
                handshake: .seconds(10), heartbeatInterval: .seconds(25), heartbeatTimeout: .seconds(10),
                inactiveTimeout: .seconds(15), idleTimeout: .seconds(300), closeTimeout: .seconds(5),
                zombieTimeout: .seconds(60)),
            messageTimeout: .seconds(30), commandTimeout: .seconds(30), maxMessageBytes: 4096, maxJSONDepth: 32,
            maxCommandsInFlight: 2, maxFilterBytes: 256, maxRetained: 2, maxSubscriptions: 3,
            maxSendQueueBytes: 65_536, maxPublishKeys: 10,
            channels: [
                .init(name: "system", service: nil, actions: [], isOpenForPublishing: false),
                .init(name: "print", service: nil, actions: [], isOpenForPublishing: true),
                .init(name: "file", service: 0, actions: [("list", "")], isOpenForPublishing: true),
            ])
    }

    static func grant(_ identity: String, _ token: String, expires: WallTime? = nil) -> Grant {
        Grant(
            identity: identity, permissions: [PermissionPattern("*:*")].compactMap { $0 }, keyID: "key of \(identity)",
            expires: expires, isRevoked: false, digest: SHA256.hash(Array(token.utf8).span))
    }

    init(loopCount: Int = 2, _ configuration: ShardConfiguration = configuration()) {
        self.places = MailPlaces(loopCount: loopCount, eventCount: 8, answerCount: 8, controlCount: 4)
        self.head = RecordingHead(
            serverVersion: "test", startedAt: self.now.wall, loopCount: loopCount, configuration: configuration,
            policy: ShardPolicy(requiresMessageToken: true, allowedOrigins: ["http://here"], maxProtocolErrors: 3),
            keys: KeyRing(
                grants: [Self.grant("tester", Self.token), Self.grant("second", Self.secondToken)], anonymous: nil))
        self.mask = KeyMask(secret: [1, 2, 3])
        let metrics = ShardMetrics(channels: configuration.channels.map(\.name))
        for loop in 0..<loopCount {
            let collector = self.collector
            let recorder = LoopRecorder(loop: loop, mask: KeyMask(secret: [1, 2, 3])) { collector.take($0) }
            let shard = Shard(
                configuration: configuration, policy: self.head.policy, keys: self.head.keys, loop: loop,
                ledger: self.ledger, places: self.places, metrics: metrics, snapshots: SnapshotCell(metrics.table),
                tape: recorder.tape)
            self.boxes.append(Box(shard, recorder))
            var word = UInt64(loop + 1)
            let entropy = (0..<8192).map { _ in
                word = word &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return UInt8(truncatingIfNeeded: word >> 56)
            }
            self.boxes[loop].shard?.supply(entropy: entropy.span)
        }
    }

    // MARK: The transport's part

    func request(
        _ authorization: String? = "Key \(token)", subprotocols: String = "hydrogen-protocol"
    ) -> HandshakeRequest {
        var request = HandshakeRequest(isGet: true, isHTTP11: true, path: "/")
        request.host = "localhost"
        request.upgrade = "websocket"
        request.webSocketVersion = "13"
        request.webSocketKey = "dGhlIHNhbXBsZSBub25jZQ=="
        request.subprotocols = subprotocols
        request.authorization = authorization
        return request
    }

    /// A connection in service; nil where it was refused.
    func connect(loop: Int = 0, _ request: HandshakeRequest? = nil) -> ConnectionID? {
        let peer = PeerAddress(ipv4: 0x7f00_0001, port: 4711)
        guard let id = self.boxes[loop].shard?.accepted(peer, at: self.tick()) else { return nil }
        let decision = self.boxes[loop].shard?.requested(request ?? self.request(), on: id, at: self.tick())
        self.poll(loop)
        guard case .accept = decision else {
            self.end(id, loop: loop)
            return nil
        }
        self.boxes[loop].shard?.upgraded(id, at: self.tick())
        self.poll(loop)
        self.turn()
        return id
    }

    /// Hands a message in, in pieces of this size.
    func send(_ text: String, on id: ConnectionID, loop: Int = 0, pieces size: Int = .max) {
        let bytes = Array(text.utf8)
        var start = 0
        repeat {
            let end = size < bytes.count - start ? start + size : bytes.count
            self.boxes[loop].shard?.received(
                bytes[start..<end].span,
                Fragment(isBinary: false, isFirst: start == 0, isLast: end == bytes.count), on: id, at: self.tick())
            self.poll(loop)
            start = end
        } while start < bytes.count
        self.turn()
    }

    func command(_ channel: String, _ action: String, _ data: String = "{}", token: String = token) -> String {
        #"{"type":"command","id":"c","channel":"\#(channel)","action":"\#(action)","data":\#(data),"#
            + #""auth":{"token":"\#(token)"}}"#
    }

    func end(_ id: ConnectionID, loop: Int, _ reason: TransportEnd = .lost) {
        self.boxes[loop].shard?.transportEnded(id, reason, at: self.tick())
        self.poll(loop)
        self.turn()
    }

    func deliver(_ mail: Mail, to loop: Int) {
        if let purse = mail.purse { _ = self.places.reserve(of: purse, at: loop) }
        self.boxes[loop].shard?.deliver(mail, at: self.tick())
        self.poll(loop)
        self.turn()
    }

    func answer(_ outcome: ServiceAnswer.Outcome) {
        let request = self.requests.removeFirst()
        let answer = ServiceAnswer(slot: request.slot, generation: request.generation, outcome: outcome)
        self.deliver(.answer(answer), to: request.loop)
    }

    /// The store answers everything, and what comes of it.
    func answerStore(_ isStored: Bool = true) {
        while !self.batches.isEmpty {
            let batch = self.batches.removeFirst()
            self.deliver(
                .stored(StoreAnswer(ticket: batch.ticket, isStored: isStored, commit: .milliseconds(3))), to: batch.loop)
        }
    }

    /// What a loop finds in the store: before anything else.
    func restore(_ state: RestoredState, to loop: Int) {
        self.boxes[loop].shard?.restore(state, at: self.tick())
        self.poll(loop)
    }

    func advance(by interval: Interval) {
        self.now.instant = self.now.instant + interval
        self.now.wall.milliseconds += interval.milliseconds
        for loop in self.boxes.indices {
            self.boxes[loop].shard?.advance(to: self.now)
            self.poll(loop)
        }
        self.turn()
    }

    /// Ends the turn of every loop and carries their mail, until nothing moves.
    func turn() {
        var isMoving = true
        while isMoving {
            isMoving = false
            for loop in self.boxes.indices {
                self.boxes[loop].shard?.endTurn(at: self.tick()) { id, bytes in self.write(bytes, id) }
                isMoving = self.poll(loop) || isMoving
                self.boxes[loop].shard?.passed(in: Interval(nanoseconds: 1_234))
            }
        }
    }

    func writable(_ id: ConnectionID, loop: Int = 0) {
        self.boxes[loop].shard?.writable(id, at: self.tick()) { self.write($0, id) }
        self.poll(loop)
        self.turn()
    }

    func closeReceived(_ code: UInt16?, on id: ConnectionID, loop: Int = 0) {
        self.boxes[loop].shard?.closeReceived(code, on: id, at: self.tick())
        self.poll(loop)
    }

    func pong(on id: ConnectionID, loop: Int = 0) {
        self.boxes[loop].shard?.pongReceived(on: id, at: self.tick())
        self.poll(loop)
    }

    func framingFailed(on id: ConnectionID, loop: Int = 0) {
        self.boxes[loop].shard?.framingFailed(.protocolError, on: id, at: self.tick())
        self.poll(loop)
    }

    private func write(_ bytes: Span<UInt8>, _ id: ConnectionID) -> WriteOutcome {
        if self.choked.contains(id) { return .choked }
        self.written.append(FrameText.of([UInt8](bytes)))
        return .taken
    }

    /// Does the effects of a loop; whether mail moved.
    @discardableResult
    private func poll(_ loop: Int) -> Bool {
        var isMoving = false
        while let effect = self.boxes[loop].shard?.nextEffect() {
            switch effect {
            case .post(let mail, let target):
                self.boxes[target].shard?.deliver(mail, at: self.tick())
                self.poll(target)
                isMoving = true
            case .dispatch(let request): self.requests.append(request)
            case .store(let batch): self.batches.append(batch)
            case .requestWritable, .close, .abort, .log, .published, .drained: break
            }
        }
        return isMoving
    }

    /// Time passes with everything that happens.
    private func tick() -> Moment {
        self.now.instant = self.now.instant + Interval(nanoseconds: 700_123)
        self.now.wall.milliseconds += self.now.instant.nanoseconds % 3 == 0 ? 1 : 0
        return self.now
    }

    // MARK: The recording

    /// Ends the loops, so that their last blocks are handed over.
    func finish() -> [RecordingBlock] {
        for box in self.boxes { box.shard = nil }
        return [self.head.block(mask: self.mask)] + self.collector.blocks
    }
}

/// Replays blocks, the head first; nil without a difference.
func replay(
    _ blocks: [RecordingBlock], changing change: (inout RecordingHead) -> Void = { _ in },
    _ observe: (ReplayedStep) -> Void = { _ in }
) throws -> (stop: ReplayStop?, stepCount: Int) {
    var head = try RecordingHead(blocks[0])
    change(&head)
    var heldBack = HeldBackBytes(loopCount: head.loopCount)
    for block in blocks.dropFirst() { try heldBack.read(block) }
    let replayer = Replayer(head, heldBack: heldBack)
    for block in blocks.dropFirst() {
        do throws(ReplayStop) { try replayer.play(block, observe) } catch { return (error, replayer.stepCount) }
    }
    return (nil, replayer.stepCount)
}
