import HydrogenProtocol

/// A small generator for jitter (SplitMix64): eight bytes of state, the same numbers for the same seed. Not for
/// secrets.
package struct ClientRandom: Sendable, Hashable {
    private var state: UInt64

    package init(seed: UInt64) { self.state = seed }

    package mutating func next() -> UInt64 {
        self.state &+= 0x9e37_79b9_7f4a_7c15
        var bits = self.state
        bits = (bits ^ bits &>> 30) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ bits &>> 27) &* 0x94d0_49bb_1331_11eb
        return bits ^ bits &>> 31
    }

    /// Any interval from zero to `maximum`, both included. Nothing is drawn where there is no choice.
    mutating func interval(upTo maximum: Interval) -> Interval {
        guard maximum > .zero else { return .zero }
        let choices = UInt64(maximum.nanoseconds) + 1
        return Interval(nanoseconds: Int64(self.next().multipliedFullWidth(by: choices).high))
    }
}
