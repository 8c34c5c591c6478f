import HydrogenProtocol
import Testing

@testable import HydrogenShard

@Suite struct ReplayTableTests {
    static let window = Interval.seconds(30)

    private static func record(
        _ id: String, at timestamp: Int64, now: Int64, window: Interval = window, in table: inout ReplayTable
    ) -> ReplayTable.Verdict {
        let bytes = Array(id.utf8)
        return table.record(
            bytes.span, at: WallTime(milliseconds: timestamp), window: window, now: WallTime(milliseconds: now))
    }

    @Test func anIDIsRememberedUntilItsTimeStampIsTooOld() {
        var table = ReplayTable()
        #expect(Self.record("a", at: 1_000, now: 0, in: &table) == .new)
        for now in [0, 1_000, 30_999, 31_000] {
            #expect(Self.record("a", at: Int64(now), now: Int64(now), in: &table) == .repeated, "\(now)")
        }
        #expect(table.count == 1)
        #expect(!table.mayHaveForgotten(WallTime(milliseconds: 1_000)))
        #expect(Self.record("a", at: 31_001, now: 31_001, in: &table) == .new)
        #expect(table.count == 1)
    }

    /// What was forgotten stays refused, though the clock be set back or the window be widened.
    @Test func whatWasForgottenIsNotTakenForNew() {
        var table = ReplayTable()
        _ = Self.record("a", at: 1_000, now: 1_000, in: &table)
        _ = Self.record("b", at: 40_000, now: 40_000, in: &table)
        #expect(table.mayHaveForgotten(WallTime(milliseconds: 1_000)))
        #expect(table.mayHaveForgotten(WallTime(milliseconds: 999)))
        #expect(!table.mayHaveForgotten(WallTime(milliseconds: 1_001)))
        _ = Self.record("c", at: 500, now: 500, in: &table)
        _ = Self.record("d", at: 40_000, now: 40_000, in: &table)
        #expect(table.mayHaveForgotten(WallTime(milliseconds: 1_000)), "the later one counts")
    }

    @Test func timeStampsComeInAnyOrder() {
        var table = ReplayTable()
        for (id, timestamp) in [("c", 3_000), ("a", 1_000), ("d", 4_000), ("b", 2_000)] {
            #expect(Self.record(id, at: Int64(timestamp), now: 0, in: &table) == .new)
        }
        #expect(Self.record("e", at: 33_000, now: 32_500, in: &table) == .new)
        #expect(table.count == 3, "a and b are forgotten")
        #expect(Self.record("c", at: 32_500, now: 32_500, in: &table) == .repeated)
        #expect(Self.record("b", at: 32_500, now: 32_500, in: &table) == .new)
    }

    @Test func itsSizeIsBounded() {
        var table = ReplayTable()
        for number in 0..<ReplayTable.maximumCount - 1 {
            _ = Self.record("\(number)", at: Int64(number), now: 0, in: &table)
        }
        #expect(table.count == ReplayTable.maximumCount - 1)
        #expect(Self.record("last", at: 5_000, now: 0, in: &table) == .new)
        let full = ReplayTable.Verdict.full(until: WallTime(milliseconds: 30_001))
        #expect(Self.record("beyond", at: 5_000, now: 30_000, in: &table) == full)
        #expect(Self.record("last", at: 5_000, now: 30_000, in: &table) == .repeated, "it still knows what it holds")
        #expect(table.count == ReplayTable.maximumCount)
        #expect(Self.record("beyond", at: 5_000, now: 30_001, in: &table) == .new)
        #expect(table.count == ReplayTable.maximumCount)
    }
}
