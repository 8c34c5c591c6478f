import HydrogenProtocol

/// The simulator's only source of chance (SplitMix64): eight bytes of state, the same numbers for the same seed on every
/// machine. Not for secrets.
///
/// Each client, each kind of decision has a generator of its own, so that leaving one input out of a run changes no
/// number that another one draws.
struct Generator: Sendable {
    private var state: UInt64

    /// - Parameter stream: tells generators of one seed apart.
    init(seed: UInt64, stream: UInt64) {
        self.state = Self.mix(seed) ^ Self.mix(stream &+ 0x632b_e59b_d9b4_e019)
    }

    private static func mix(_ word: UInt64) -> UInt64 {
        var bits = word
        bits = (bits ^ bits &>> 30) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ bits &>> 27) &* 0x94d0_49bb_1331_11eb
        return bits ^ bits &>> 31
    }

    @inline(__always)
    mutating func next() -> UInt64 {
        self.state &+= 0x9e37_79b9_7f4a_7c15
        return Self.mix(self.state)
    }

    /// A number from 0 to `bound`, not included.
    @inline(__always)
    mutating func below(_ bound: Int) -> Int {
        Int(truncatingIfNeeded: self.next().multipliedFullWidth(by: UInt64(max(bound, 1))).high)
    }

    /// A number between the two, both included.
    mutating func number(_ least: Int64, _ most: Int64) -> Int64 {
        guard most > least else { return least }
        let choices = UInt64(most - least) + 1
        return least + Int64(truncatingIfNeeded: self.next().multipliedFullWidth(by: choices).high)
    }

    /// True so often of a million times.
    @inline(__always)
    mutating func happens(perMillion rate: Int) -> Bool {
        rate > 0 && self.below(1_000_000) < rate
    }

    mutating func interval(_ delay: Delay) -> Interval {
        switch delay {
        case .fixed(let interval):
            return interval
        case .uniform(let least, let most):
            return Interval(nanoseconds: self.number(least.nanoseconds, most.nanoseconds))
        case .longTail(let least, let typical, let most):
            // Each doubling is half as likely as the one before.
            let doublings = self.next().trailingZeroBitCount
            let width = max(typical.nanoseconds - least.nanoseconds, 0)
            let room = max(most.nanoseconds - least.nanoseconds, 0)
            let upper = doublings < 40 && width <= room >> Int64(doublings) ? width << Int64(doublings) : room
            let lower = doublings == 0 ? 0 : upper / 2
            return Interval(nanoseconds: least.nanoseconds + self.number(lower, upper))
        }
    }

    /// Appends random bytes.
    mutating func append(_ count: Int, to bytes: inout [UInt8]) {
        var word: UInt64 = 0
        for index in 0..<count {
            if index & 7 == 0 { word = self.next() }
            bytes.append(UInt8(truncatingIfNeeded: word))
            word &>>= 8
        }
    }
}
