import Testing

@testable import HydrogenShard

@Suite struct GapListTests {
    /// A receiver that acknowledges nothing while its outbox is full loses one event after the other, and is told of each.
    @Test(arguments: [GapList.maximumCount - 1, GapList.maximumCount, GapList.maximumCount + 1, 3 * GapList.maximumCount])
    func neighboursThatWereToldAreOneGap(_ count: Int) {
        var gaps = GapList()
        for offset in 1...Int64(count) {
            gaps.add(offset, nextSending: offset + 8)
            let told = gaps.tell(below: offset + 1)
            #expect(told?.from == offset && told?.to == offset, "what is new of it")
        }
        gaps.forgetTelling()
        let again = gaps.tell(below: .max)
        #expect(again?.from == 1 && again?.to == Int64(count), "on the next connection it is told of all")
        #expect(gaps.tell(below: .max) == nil)
    }

    @Test func theOneBetweenTwoJoinsBoth() {
        var gaps = GapList()
        for offset in [1, 3] as [Int64] {
            gaps.add(offset, nextSending: 9)
            _ = gaps.tell(below: offset + 1)
        }
        #expect(gaps.gaps.count == 2)
        gaps.add(2, nextSending: 12)
        #expect(gaps.tell(below: 9)?.from == 2)
        #expect(gaps.gaps == [GapList.Gap(from: 1, to: 3, isTold: true, knownFrom: 12)])
        _ = gaps.acked(11)
        #expect(gaps.gaps.count == 1, "an event that was sent before the last of them says nothing of it")
        _ = gaps.acked(12)
        #expect(gaps.isEmpty)
    }

    /// Only where something lies between them is there a bound; the lowest goes first.
    @Test func gapsApartFromEachOtherHaveABound() {
        var gaps = GapList()
        for number in 0...Int64(GapList.maximumCount) { gaps.add(2 * number + 1, nextSending: 2 * number + 2) }
        #expect(gaps.gaps.count == GapList.maximumCount && gaps.gaps.first?.from == 3)
    }
}
