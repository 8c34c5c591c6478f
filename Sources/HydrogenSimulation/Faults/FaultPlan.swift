import HydrogenProtocol

/// Which faults strike how often at the moment, and what they draw.
struct FaultPlan {
    private let usual: FaultRates
    private(set) var rates: FaultRates
    /// Whether nothing can strike: then nothing is drawn.
    private(set) var isQuiet: Bool
    /// Of the faults of the server itself.
    private var generator: Generator
    private var serverStrikeCount = 0
    /// By `FaultKind.rawValue`.
    private(set) var counts = [UInt64](repeating: 0, count: FaultKind.allCases.count)

    init(_ rates: FaultRates, seed: UInt64) {
        self.usual = rates
        self.rates = rates
        self.isQuiet = rates == FaultRates()
        self.generator = Generator(seed: seed, stream: StreamOf.serverFaults)
    }

    /// Other rates hold for a while.
    mutating func change(to rates: FaultRates) {
        self.rates = rates
        self.isQuiet = rates == FaultRates()
    }

    mutating func restore() { self.change(to: self.usual) }

    /// Nothing strikes any more.
    mutating func stop() { self.change(to: FaultRates()) }

    mutating func count(_ kind: FaultKind) { self.counts[Int(kind.rawValue)] += 1 }

    /// Whether a fault of the server itself may strike now, and which one of all of them it is.
    mutating func serverStrike(_ kind: FaultKind) -> Int? {
        guard self.generator.happens(perMillion: self.rates[kind]) else { return nil }
        defer { self.serverStrikeCount += 1 }
        return self.serverStrikeCount
    }

    mutating func number(_ least: Int64, _ most: Int64) -> Int64 { self.generator.number(least, most) }
}
