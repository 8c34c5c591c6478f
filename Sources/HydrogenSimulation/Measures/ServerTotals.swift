import HydrogenProtocol
import HydrogenShard

/// The counters of servers that are gone, added up: a new process begins at 0.
struct ServerTotals {
    private var words: [Int64]

    init(_ metrics: ShardMetrics) { self.words = [Int64](repeating: 0, count: metrics.table.wordCount) }

    /// Adds what a server counted, before it is gone.
    mutating func add(_ server: SimulatedServer) {
        for loop in server.loops {
            for word in self.words.indices { self.words[word] += loop.shard.value(ofMetric: word) }
        }
    }

    func closeCodes(_ metrics: ShardMetrics) -> [(code: UInt16, count: UInt64)] {
        CloseCode.allCases.enumerated().compactMap { index, code in
            let count = self.words[metrics.closed[index]]
            return count > 0 ? (code.rawValue, UInt64(count)) : nil
        }
    }

    /// What refused something because there was too much of it, or because it came too late.
    func limitsHit(_ metrics: ShardMetrics) -> [(name: String, count: UInt64)] {
        var hit: [(name: String, count: UInt64)] = []
        for code in ErrorCode.allCases where code.isLimit {
            let count = self.words[metrics.errors[Int(code.rawValue)]]
            if count > 0 { hit.append((code.qualifiedName, UInt64(count))) }
        }
        let names = metrics.table.samples
        for block in [metrics.rateLimited, metrics.blocks, metrics.orphansCollected, metrics.heartbeatsMissed] {
            for index in 0..<block.count where self.words[block[index]] > 0 {
                guard let name = names.first(where: { $0.slot == block[index] })?.name else { continue }
                hit.append((name, UInt64(self.words[block[index]])))
            }
        }
        return hit
    }

    func accepted(_ metrics: ShardMetrics) -> UInt64 { UInt64(max(0, self.words[metrics.accepted[0]])) }
}

extension ErrorCode {
    /// Whether a bound of the configuration was reached, rather than a rule broken.
    fileprivate var isLimit: Bool {
        switch self.category {
        // The limit that was exceeded is counted by its name.
        case .connection: self != .connectionRateLimited
        case .protocol: self == .tooLarge || self == .tooDeep
        case .application: self == .busy || self == .timeout || self == .conflict
        case .authentication: false
        }
    }
}
