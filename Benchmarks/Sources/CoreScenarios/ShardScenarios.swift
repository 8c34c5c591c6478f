import HydrogenConnection
import HydrogenCrypto
import HydrogenMetrics
import HydrogenProtocol
import HydrogenShard

extension Scenario {
    static var shard: [Scenario] {
        [
            Scenario("shard: ping of one connection", unit: "command") {
                let world = ShardWorld(connectionCount: 1)
                return { world.ping(count: 1) }
            },
            Scenario("shard: eight pings of one connection in a pass", unit: "command", unitsPerRound: 8) {
                let world = ShardWorld(connectionCount: 1)
                return { world.ping(count: 8) }
            },
            Scenario("shard: a ping under all limits", unit: "command") {
                let rate = RateLimit(thousandthsPerSecond: 1_000_000_000_000, burst: 1_000_000_000)
                let limits = LimitPolicy(
                    messagesPerConnection: rate, bytesPerConnection: rate, messagesPerIdentity: rate)
                let world = ShardWorld(connectionCount: 1, limits: limits)
                return { world.ping(count: 1) }
            },
            Scenario("shard: an event to 1,000 subscribers", unit: "delivery", unitsPerRound: 1_000) {
                let world = ShardWorld(connectionCount: 1_001)
                world.subscribeAll()
                return { world.publish(count: 1) }
            },
            Scenario("shard: 16 events to 1,000 subscribers in a pass", unit: "delivery", unitsPerRound: 16_000) {
                let world = ShardWorld(connectionCount: 1_001)
                world.subscribeAll()
                return { world.publish(count: 16) }
            },
        ]
    }
}

/// One shard with connections in service, driven as a loop drives it, and a transport that takes everything.
final class ShardWorld {
    private var shard: Shard
    private var ids: [ConnectionID] = []
    private var token: [UInt8] = []
    private var now = Moment(instant: Instant(nanoseconds: 1), wall: WallTime(milliseconds: 1_800_000_000_000))
    private var writtenByteCount = 0
    private var ping: [UInt8] = []
    private var publish: [UInt8] = []

    init(connectionCount: Int, limits: LimitPolicy = .none) {
        let configuration = ShardConfiguration(
            node: "bench", serverVersion: "0", path: "/", offersEcho: false, maxConnections: 100_000,
            maxHandshakes: 100_000, timeouts: Scenario.timeouts, messageTimeout: .seconds(30),
            commandTimeout: .seconds(30), maxMessageBytes: 65_536, maxJSONDepth: 32, maxCommandsInFlight: 64,
            maxFilterBytes: 4_096, maxRetained: 10_000, maxSubscriptions: 128, maxSendQueueBytes: 1_048_576,
            maxPublishKeys: 1_000,
            channels: [
                .init(name: "system", service: nil, actions: [], isOpenForPublishing: false),
                .init(name: "print", service: nil, actions: [], isOpenForPublishing: true),
            ])
        let metrics = ShardMetrics(channels: configuration.channels.map(\.name))
        let grant = Grant(
            identity: "bench", permissions: [PermissionPattern("*:*")].compactMap { $0 }, keyID: "key", expires: nil,
            isRevoked: false, digest: SHA256.hash("hk_bench".utf8.span))
        self.shard = Shard(
            configuration: configuration,
            policy: ShardPolicy(
                requiresMessageToken: true, allowedOrigins: nil, maxProtocolErrors: 10, limits: limits),
            keys: KeyRing(grants: [grant], anonymous: nil), loop: 0,
            ledger: SharedLedger(maxAddresses: configuration.maxAddresses),
            places: MailPlaces(loopCount: 1, eventCount: 1_024, answerCount: 1_024, controlCount: 16),
            metrics: metrics, snapshots: SnapshotCell(metrics.table))
        for _ in 0..<connectionCount { self.connect() }
        self.ping = Self.command("system", "ping", "{\"fill\":\"\(String(repeating: "x", count: 84))\"}", self.token)
        self.publish = Self.command(
            "print", "publish", "{\"action\":\"job.done\",\"data\":{\"fill\":\"\(String(repeating: "x", count: 84))\"}}",
            self.token)
    }

    private static func command(_ channel: String, _ action: String, _ data: String, _ token: [UInt8]) -> [UInt8] {
        let token = String(decoding: token, as: UTF8.self)
        return Array(
            ("{\"type\":\"command\",\"id\":\"000000000001\",\"channel\":\"\(channel)\",\"action\":\"\(action)\","
                + "\"data\":\(data),\"auth\":{\"token\":\"\(token)\"}}").utf8)
    }

    private func connect() {
        self.supplyEntropy()
        guard let id = self.shard.accepted(PeerAddress(ipv4: 0x7f00_0001, port: 1), at: self.now) else { return }
        var request = HandshakeRequest(isGet: true, isHTTP11: true, path: "/")
        request.host = "localhost"
        request.upgrade = "websocket"
        request.webSocketVersion = "13"
        request.webSocketKey = "dGhlIHNhbXBsZSBub25jZQ=="
        request.subprotocols = "hydrogen-protocol"
        request.authorization = "Key hk_bench"
        guard case .accept = self.shard.requested(request, on: id, at: self.now) else { return }
        self.shard.upgraded(id, at: self.now)
        var greeting: [UInt8] = []
        self.endTurn { greeting = [UInt8]($0) }
        self.ids.append(id)
        let text = greeting.span.extracting(droppingFirst: 4)
        guard let value = try? JSONScanner.validate(text, maxDepth: 8) else { return }
        // All are of one grant, but each session has a token of its own: only the last one's is used.
        self.token = value.member("data", in: text)?.member("token", in: text)?.text?.decoded(in: text) ?? []
    }

    private func supplyEntropy() {
        let count = self.shard.entropyNeededCount
        guard count > 0 else { return }
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ self.ids.count) }
        self.shard.supply(entropy: bytes.span)
    }

    /// Effects are polled, and the turn ends, as in the loop.
    private func endTurn(_ written: (Span<UInt8>) -> Void = { _ in }) {
        while self.shard.nextEffect() != nil {}
        self.shard.endTurn(at: self.now) { _, bytes in
            written(bytes)
            return .taken
        }
        while self.shard.nextEffect() != nil {}
    }

    private func send(_ message: [UInt8], on id: ConnectionID) {
        self.shard.received(
            message.span, Fragment(isBinary: false, isFirst: true, isLast: true), on: id, at: self.now)
        while self.shard.nextEffect() != nil {}
    }

    /// Every connection but the last one, which publishes, subscribes with a token of its own: here the key's.
    func subscribeAll() {
        let subscribe = Self.command("print", "subscribe", "{\"topic\":\"job.*\"}", Array("hk_bench".utf8))
        for id in self.ids.dropLast() { self.send(subscribe, on: id) }
        self.endTurn()
    }

    func ping(count: Int) {
        guard let id = self.ids.last else { return }
        self.pass()
        for _ in 0..<count { self.send(self.ping, on: id) }
        self.endTurn()
    }

    func publish(count: Int) {
        guard let id = self.ids.last else { return }
        self.pass()
        for _ in 0..<count { self.send(self.publish, on: id) }
        self.endTurn()
    }

    /// Time goes on: 100 µs from pass to pass.
    private func pass() { self.now.instant = self.now.instant + Interval(nanoseconds: 100_000) }
}
