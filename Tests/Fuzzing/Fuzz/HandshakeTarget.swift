import HydrogenAssembly
import HydrogenConfiguration
import HydrogenCrypto
import HydrogenMetrics
import HydrogenProtocol
import HydrogenShard

/// A request, one header to a line, at a shard of its own: an accepted one has everything that the contract asks for, a
/// refused one is answered with a right response, and afterwards nothing is held for it.
func fuzzHandshake(_ input: [UInt8]) {
    var reader = InputReader(input)
    let flags = reader.byte()
    _ = reader.line()
    var request = HandshakeRequest(
        isGet: flags & 1 == 0, isHTTP11: flags & 2 == 0, path: String(decoding: reader.line(), as: UTF8.self))
    request.host = reader.optionalText()
    request.upgrade = reader.optionalText()
    request.webSocketVersion = reader.optionalText()
    request.webSocketKey = reader.optionalText()
    request.subprotocols = reader.optionalText()
    request.authorization = reader.optionalText()
    request.origin = reader.optionalText()
    request.forwardedFor = reader.optionalText()

    var shard = HandshakeShard.make(trusting: flags & 4 == 0)
    let now = Moment(instant: Instant(nanoseconds: 1), wall: WallTime(milliseconds: 1_800_000_000_000))
    guard let id = shard.accepted(PeerAddress(ipv4: 0x7f00_0001, port: 1), at: now) else {
        return require(false, "a first connection is not accepted")
    }
    switch shard.requested(request, on: id, at: now) {
    case .accept(let subprotocol):
        require(
            request.isGet && request.isHTTP11 && request.path == "/" && request.webSocketVersion == "13"
                && request.webSocketKey?.utf8.count == 24 && request.upgrade?.lowercased() == "websocket",
            "accepted: \(request)")
        let offered = request.subprotocols?.split(separator: ",").map { $0.filter { $0 != " " && $0 != "\t" } } ?? []
        require(offered.contains(subprotocol.rawValue), "a sub-protocol that was not offered: \(request)")
        shard.upgraded(id, at: now)
    case .refuse(let refusal):
        require((400...503).contains(refusal.status), "status \(refusal.status)")
        require((try? JSONScanner.validate(refusal.body.span, maxDepth: 8)) != nil, "the body of a refusal is no JSON")
        for header in refusal.headers {
            require(!(header.name + header.value).utf8.contains { $0 < 32 || $0 == 127 }, "a header with control characters")
        }
    case .drop:
        break
    }
    shard.transportEnded(id, .lost, at: now)
    shard.endTurn(at: now) { _, _ in .failed }
    while let effect = shard.nextEffect() {
        if case .log(.programmingError(_, let text)) = effect { require(false, "\(text)") }
    }
    require(shard.occupancy.connectionCount == 0, "the connection is not freed")
}

/// A shard with the standard configuration and one key.
enum HandshakeShard {
    private static let configuration = Configuration()
    private static let core = configuration.shard(channels: configuration.channels(services: []))
    private static let metrics = ShardMetrics(channels: core.channels.map(\.name))
    private static let snapshots = SnapshotCell(metrics.table)
    private static let keys = KeyRing(
        grants: [
            Grant(
                identity: "tester", permissions: ["*:*"].compactMap { PermissionPattern($0) }, keyID: "key", expires: nil,
                isRevoked: false, digest: SHA256.hash(Array("hk_test".utf8).span))
        ], anonymous: nil)

    /// - Parameter isProxied: whether peers on loopback are proxies, which say whom they speak for.
    static func make(trusting isProxied: Bool) -> Shard {
        var configuration = self.configuration
        if isProxied { configuration.trustedProxies = ["127.0.0.0/8"] }
        var shard = Shard(
            configuration: self.core, policy: configuration.policy, keys: self.keys, loop: 0, ledger: SharedLedger(maxAddresses: 16),
            places: MailPlaces(loopCount: 1, eventCount: 1, answerCount: 1, controlCount: 1), metrics: self.metrics,
            snapshots: self.snapshots)
        shard.supply(entropy: Array(repeating: UInt8(7), count: shard.entropyNeededCount).span)
        return shard
    }
}
