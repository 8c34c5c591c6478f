import CCountingAllocator

/// A piece of the core's work that is measured.
package struct Scenario {
    package let name: String
    /// What one round is, in words.
    package let unit: String
    /// Units of work of one round: deliveries, for a fan-out.
    package let unitsPerRound: Int
    /// Does so many rounds. Everything is warm: one round was done before.
    package let run: (_ rounds: Int) -> Void

    /// - Parameter prepare: makes what is used, once, and returns one round.
    init(_ name: String, unit: String, unitsPerRound: Int = 1, prepare: @escaping () -> () -> Void) {
        self.name = name
        self.unit = unit
        self.unitsPerRound = unitsPerRound
        var round: (() -> Void)?
        self.run = { rounds in
            if round == nil {
                round = prepare()
                for _ in 0..<3 { round?() }
            }
            guard let round else { return }
            for _ in 0..<rounds { round() }
        }
    }

    /// Allocations of so many rounds, once warm.
    package func allocationCount(rounds: Int) -> UInt64 {
        self.run(1)
        let before = hydrogen_allocation_count()
        self.run(rounds)
        return hydrogen_allocation_count() - before
    }

    package static var all: [Scenario] { Self.machine + Self.protocol + Self.topics + Self.metrics + Self.shard }
}

/// Keeps the compiler from leaving out what is not used.
@inline(never)
func use<Value>(_ value: Value) {}
