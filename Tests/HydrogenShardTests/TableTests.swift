import HydrogenProtocol
import Testing

@testable import HydrogenShard

@Suite struct TableTests {
    private func at(_ nanoseconds: Int64) -> Instant { Instant(nanoseconds: nanoseconds) }

    @Test func deadlinesComeInOrderAndAreMovedOrTakenOut() {
        var heap = DeadlineHeap()
        for slot in 0..<100 { heap.set(self.at(Int64((slot * 37) % 101)), for: UInt32(slot)) }
        heap.set(nil, for: 50)
        heap.set(self.at(1_000), for: 3)
        heap.set(self.at(-1), for: 99)
        var order: [UInt32] = []
        while let slot = heap.popDue(at: self.at(2_000)) { order.append(slot) }
        #expect(order.count == 99 && order.first == 99 && order.last == 3 && !order.contains(50))
        let times = order.dropFirst().dropLast().map { (Int($0) * 37) % 101 }
        #expect(times == times.sorted())
        #expect(heap.earliest == nil)
    }

    @Test func aDeadlineIsNeverEarly() {
        var heap = DeadlineHeap()
        heap.set(self.at(10), for: 0)
        let (early, due) = (heap.popDue(at: self.at(9)), heap.popDue(at: self.at(10)))
        #expect(early == nil)
        #expect(due == 0)
    }

    @Test func theFirstDueStaysUntilItIsSetAnew() {
        var heap = DeadlineHeap()
        for slot in 0..<3 { heap.set(self.at(Int64(slot)), for: UInt32(slot)) }
        let early = heap.firstDue(at: self.at(-1))
        #expect(early == nil)
        #expect(heap.firstDue(at: self.at(5)) == 0 && heap.firstDue(at: self.at(5)) == 0)
        heap.set(self.at(10), for: 0)
        #expect(heap.firstDue(at: self.at(5)) == 1)
        heap.set(nil, for: 1)
        #expect(heap.firstDue(at: self.at(5)) == 2 && heap.count == 2)
    }

    @Test(arguments: [1, 2, 5, 6, 21, 22, 300])
    func aHeapAgreesWithAListThatIsSorted(_ slotCount: Int) {
        var heap = DeadlineHeap()
        var list: [Int: Int64] = [:]
        var state = UInt64(slotCount)
        func next(below bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        for _ in 0..<2_000 {
            let (slot, time) = (next(below: slotCount), Int64(next(below: 50)))
            let isTakenOut = next(below: 5) == 0
            list[slot] = isTakenOut ? nil : time
            heap.set(isTakenOut ? nil : self.at(time), for: UInt32(slot))
            let first = list.min { ($0.value, $0.key) < ($1.value, $1.key) }
            guard heap.count == list.count, heap.earliest == first.map({ self.at($0.value) }),
                heap.firstDue(at: self.at(50)) == first.map({ UInt32($0.key) })
            else {
                Issue.record("\(heap.count) deadlines in the heap, \(list.count) in the list")
                return
            }
        }
        for (slot, _) in list.sorted(by: { ($0.value, $0.key) < ($1.value, $1.key) }) {
            let taken = heap.popEarliest()
            #expect(taken == UInt32(slot))
        }
    }

    @Test(arguments: [1, 2, 3, 10])
    func theNthOccurrenceWithinTheSpanIsTold(_ limit: Int) {
        var window = OccurrenceWindow()
        for count in 1...limit {
            let isTold = window.record(at: self.at(Int64(count)), limit: limit, within: Interval(nanoseconds: 100))
            #expect(isTold == (count == limit))
        }
        var sparse = OccurrenceWindow()
        for count in 0..<(3 * limit) where limit > 1 {
            let isTold = sparse.record(
                at: self.at(Int64(count * 100)), limit: limit, within: Interval(nanoseconds: 100))
            #expect(!isTold)
        }
    }

    @Test func conflationSendsTheFirstAndThenTheLatest() {
        var conflation = Conflation(interval: Interval(nanoseconds: 10), member: nil)
        let group = Conflation.Group(action: [1], value: [])
        func offer(_ number: UInt64, at time: Int64) -> String {
            switch conflation.offer(Self.event(number), group, at: self.at(time)) {
            case .sendNow: "now"
            case .wait(let replaces): replaces ? "replaces" : "waits"
            case .sendBoth: "both"
            }
        }
        #expect(offer(1, at: 0) == "now")
        #expect(offer(2, at: 1) == "waits")
        #expect(offer(3, at: 9) == "replaces")
        #expect(conflation.nextDeadline == self.at(10))
        let (early, due) = (conflation.takeDue(at: self.at(9)), conflation.takeDue(at: self.at(10)))
        #expect(early.isEmpty && due.map(\.id.number) == [3])
        #expect(offer(4, at: 19) == "waits")
        let next = conflation.takeDue(at: self.at(20))
        #expect(next.map(\.id.number) == [4])
        #expect(offer(5, at: 30) == "now")
    }

    @Test func conflationKeepsABoundedNumberOfGroupsAndLosesNothing() {
        var conflation = Conflation(interval: .seconds(1), member: "id")
        func offer(_ value: Int, _ number: UInt64) -> UInt64? {
            let group = Conflation.Group(action: [1], value: Array("\(value)".utf8))
            if case .sendBoth(let evicted) = conflation.offer(Self.event(number), group, at: self.at(Int64(value))) {
                return evicted.id.number
            }
            return nil
        }
        for value in 0..<Conflation.maximumGroupCount { #expect(offer(value, 1) == nil) }
        #expect(offer(0, 7) == nil, "it waits")
        #expect(offer(1_000, 8) == 7, "the oldest group makes room, and what it held goes")
    }

    @Test func theLatestRetainedEventWinsWhateverTheOrderOfArrival() {
        var retained = RetainedEvents(maximumCount: 2)
        retained.set(Self.event(1, action: "a", sequence: 5))
        retained.set(Self.event(2, action: "a", sequence: 4))
        #expect(retained.events(ofChannel: 1).map(\.id.number) == [1])
        retained.set(Self.event(3, action: "b", sequence: 6))
        retained.set(Self.event(4, action: "c", sequence: 7))
        #expect(retained.events(ofChannel: 1).map(\.id.number) == [3, 4], "the least recently set goes first")
    }

    @Test func aPublishKeyIsKeptForFiveMinutes() {
        var keys = PublishKeyTable(maximumCount: 2)
        func claim(_ key: String, _ number: UInt64, at seconds: Int64) -> PublishKeyVerdict {
            keys.claim(
                PublishKey(identity: "i", channel: 1, key: Array(key.utf8)),
                for: EventID(origin: 0, loop: 0, number: number), at: self.at(seconds * 1_000_000_000))
        }
        let first = EventID(origin: 0, loop: 0, number: 1)
        #expect(claim("a", 1, at: 0) == .granted)
        #expect(claim("a", 2, at: 299) == .used(first))
        #expect(claim("a", 3, at: 300) == .granted)
        #expect(claim("b", 4, at: 300) == .granted)
        #expect(claim("c", 5, at: 300) == .granted, "the oldest makes room")
        #expect(claim("a", 6, at: 300) == .granted)
    }

    @Test func placesAreReservedAtAllLoopsOrNone() {
        let places = MailPlaces(loopCount: 3, eventCount: 1, answerCount: 0, controlCount: 1)
        #expect(places.reserve(of: .events, at: 2))
        #expect(!places.reserveEverywhere(of: .events, except: nil))
        #expect(places.takenCount(at: 0) == 0 && places.takenCount(at: 1) == 0)
        #expect(places.reserveEverywhere(of: .events, except: 2))
        places.release(of: .events, at: 2)
        #expect(places.reserve(of: .events, at: 2))
    }

    private static func event(_ number: UInt64, action: String = "x", sequence: UInt64 = 0) -> PublishedEvent {
        var writer = EnvelopeWriter()
        return PublishedEvent(
            EventID(origin: 0, loop: 0, number: number), channel: 1, named: Array("print".utf8),
            action: Array(action.utf8), data: Array("{}".utf8).span, priority: .normal, isRetained: true,
            audience: .subscribers, sequence: sequence, writer: &writer,
            at: Moment(instant: Instant(nanoseconds: 0), wall: WallTime(milliseconds: 0)))
    }
}
