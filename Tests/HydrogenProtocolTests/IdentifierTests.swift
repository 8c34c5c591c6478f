import HydrogenProtocol
import Testing

@Suite struct IdentifierTests {
    static let ids = [
        ConnectionID(slot: 0, generation: 1), ConnectionID(slot: 1, generation: 0), ConnectionID(slot: .max, generation: .max),
        ConnectionID(slot: .max, generation: 0), ConnectionID(slot: 0, generation: .max), ConnectionID(slot: 7, generation: 9),
    ]

    @Test(arguments: ids) func aConnectionIDComesBackFromItsBits(_ id: ConnectionID) {
        #expect(ConnectionID(bits: id.bits) == id)
    }

    @Test func bitsTellConnectionsApart() {
        #expect(Set(Self.ids.map(\.bits)).count == Self.ids.count)
        #expect(ConnectionID(slot: 1, generation: 2).bits == 0x0000_0002_0000_0001)
    }

    @Test func theMoreUrgentPriorityIsTheSmallerOne() {
        #expect(Priority.allCases.sorted() == [.critical, .high, .normal, .low])
        #expect(Priority.allCases.map { "\($0.name)" } == ["critical", "high", "normal", "low"])
    }
}

@Suite struct MomentTests {
    @Test func intervalsAddUp() {
        #expect(Interval.seconds(2) == Interval.milliseconds(2_000))
        #expect(Interval.milliseconds(3) == Interval(nanoseconds: 3_000_000))
        #expect(Interval.seconds(1) + Interval.milliseconds(500) == Interval.milliseconds(1_500))
        #expect(Interval.milliseconds(250) * 4 == Interval.seconds(1))
        #expect(Interval.zero < Interval(nanoseconds: 1))
        #expect(Interval(nanoseconds: 1_999_999).milliseconds == 1)
    }

    @Test func instantsAndIntervalsBelongTogether() {
        let start = Instant(nanoseconds: 5)
        let end = start + .seconds(1)
        #expect(end - start == .seconds(1))
        #expect(start - end < .zero)
        #expect(start < end)
        #expect(WallTime(milliseconds: -1) < WallTime(milliseconds: 0))
    }
}
