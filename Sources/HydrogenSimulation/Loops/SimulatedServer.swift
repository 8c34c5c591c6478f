import HydrogenCrypto
import HydrogenMetrics
import HydrogenProtocol
import HydrogenShard

/// The simulated server: its loops, and what they share.
struct SimulatedServer {
    let setup: ServerSetup
    let metrics: ShardMetrics
    private(set) var loops: [SimulatedLoop] = []
    private(set) var ledger: SharedLedger
    private(set) var places: MailPlaces
    /// Rises with each start.
    private(set) var life: UInt32 = 0
    private(set) var isUp = false
    var isDraining = false
    private var entropy: Generator
    /// The policy and the keys in force.
    var policy: ShardPolicy
    var revokedKeys: [Int] = []
    /// Handshakes in progress, and connections that count for `MaxConnections`, as the network sees them.
    var handshakeCount = 0
    var admittedCount = 0

    init(_ setup: ServerSetup, seed: UInt64) {
        self.setup = setup
        self.metrics = ShardMetrics(channels: setup.configuration.channels.map(\.name))
        self.policy = setup.policy
        self.entropy = Generator(seed: seed, stream: StreamOf.entropy)
        self.ledger = Self.ledger(setup)
        self.places = Self.places(setup)
    }

    /// Its salt is fixed: each run is to be the same.
    private static func ledger(_ setup: ServerSetup) -> SharedLedger {
        SharedLedger(maxAddresses: setup.configuration.maxAddresses)
    }

    private static func places(_ setup: ServerSetup) -> MailPlaces {
        let serviceCount = setup.configuration.channels.count { $0.service != nil }
        return MailPlaces(
            loopCount: setup.loopCount, eventCount: setup.mailboxEventCount,
            answerCount: ServiceQuota.perService * serviceCount, controlCount: 64)
    }

    /// A new process: nothing of the one before is left.
    mutating func start() {
        self.life += 1
        self.isUp = true
        self.isDraining = false
        self.ledger = Self.ledger(self.setup)
        self.places = Self.places(self.setup)
        let keys = self.keyRing()
        self.loops = (0..<self.setup.loopCount).map { index in
            var shard = Shard(
                configuration: self.setup.configuration, policy: self.policy, keys: keys, loop: index,
                ledger: self.ledger, places: self.places, metrics: self.metrics,
                snapshots: SnapshotCell(self.metrics.table))
            shard.keepSteps()
            return SimulatedLoop(index: index, shard: shard, policy: self.policy, loopCount: self.setup.loopCount)
        }
        for loop in self.loops { self.supplyEntropy(loop) }
    }

    /// The process is gone.
    mutating func end() {
        self.isUp = false
        self.isDraining = false
        self.loops = []
        self.handshakeCount = 0
        self.admittedCount = 0
    }

    mutating func supplyEntropy(_ loop: SimulatedLoop) {
        let count = loop.shard.entropyNeededCount
        guard count > 0 else { return }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        self.entropy.append(count, to: &bytes)
        loop.shard.supply(entropy: bytes.span)
    }

    /// All keys; those that were revoked say so.
    func keyRing() -> KeyRing {
        let grants = self.setup.keys.enumerated().map { index, key in
            Grant(
                identity: key.identity, permissions: key.permissions, keyID: "key-\(index)", expires: key.expires,
                isRevoked: self.revokedKeys.contains(index), digest: SHA256.hash(key.token.utf8.span))
        }
        let anonymous = self.setup.anonymousPermissions.map { permissions in
            Grant(
                identity: "anonymous", permissions: permissions, keyID: "", expires: nil, isRevoked: false, digest: nil)
        }
        return KeyRing(grants: grants, anonymous: anonymous)
    }

    /// A metric of the whole server.
    func value(ofMetric slot: Int) -> Int64 { self.loops.reduce(0) { $0 + $1.shard.value(ofMetric: slot) } }
}
