import HydrogenProtocol
import Testing

@testable import HydrogenClientCore

@Suite struct DeliveryTests {
    private static func delivered(_ offset: Int64, session: UInt32 = 1) -> TestClient.Did {
        .event("job.done", EventReference(offset: offset, session: session))
    }

    private static func acked(_ offset: Int64, token: String = "hs_s1") -> TestClient.Did {
        .send(#"{"type":"ack","offset":\#(offset),"auth":{"token":"\#(token)"}}"#)
    }

    private static func ackedID(_ offset: Int64, token: String = "hs_s1") -> TestClient.Did {
        .send(#"{"type":"ack","id":"e\#(offset)","auth":{"token":"\#(token)"}}"#)
    }

    @Test func repeatsAreDropped() {
        var client = TestClient.connected()
        #expect(client.hear(TestClient.event(1)) == [Self.delivered(1)])
        #expect(client.hear(TestClient.event(1, attempt: 2)) == [])
        #expect(client.acknowledge(1) == [Self.acked(1)])
        #expect(client.acknowledge(1) == [])
        // The acknowledgement was lost: it is repeated, the event is not.
        #expect(client.hear(TestClient.event(1, attempt: 3)) == [Self.acked(1)])
    }

    @Test func whatIsHandledOutOfOrderGoesByID() {
        var client = TestClient.connected()
        for offset in 1...4 { client.hear(TestClient.event(Int64(offset))) }
        #expect(client.acknowledge(3) == [Self.ackedID(3)])
        #expect(client.acknowledge(2) == [Self.ackedID(2)])
        #expect(client.hear(TestClient.event(3, attempt: 2)) == [Self.ackedID(3)])
        #expect(client.acknowledge(1) == [Self.acked(3)])
        #expect(client.core.handledOffset == 3)
    }

    @Test func acknowledgementsGoTogether() {
        var configuration = ClientConfiguration()
        configuration.acknowledgeDelay = .milliseconds(50)
        configuration.acknowledgeBatch = 3
        var client = TestClient.connected(configuration)
        for offset in 1...9 { client.hear(TestClient.event(Int64(offset))) }
        #expect(client.acknowledge(1) == [])
        #expect(client.acknowledge(2) == [])
        #expect(client.pass(.milliseconds(49)) == [])
        #expect(client.pass(.milliseconds(1)) == [Self.acked(2)])
        #expect(client.acknowledge(4) == [])
        #expect(client.acknowledge(3) == [])
        // The third does not wait; what was handled ahead is covered by now.
        #expect(client.acknowledge(5) == [Self.acked(5)])
        #expect(client.acknowledge(7) == [])
        #expect(client.pass(.milliseconds(50)) == [Self.ackedID(7)])
        #expect(client.pass(.seconds(5)) == [])
        // What is due goes before the close.
        client.acknowledge(6)
        #expect(client.perform { $0.stop(at: $1) } == [Self.acked(7), .state(.closing), .close(1000)])
    }

    /// The acknowledgement was refused by a limit: it is told again after the server's word.
    @Test func aRefusedAcknowledgementIsToldAgain() {
        var client = TestClient.connected()
        client.hear(TestClient.event(1))
        client.acknowledge(1)
        client.hear(TestClient.error(nil, "connection", "rate_limited", isRetryable: true, retryAfter: 400))
        #expect(client.pass(.milliseconds(399)) == [])
        #expect(client.pass(.milliseconds(1)) == [Self.acked(1)])
    }

    @Test func gapsAreTold() {
        var client = TestClient.connected()
        client.hear(TestClient.event(1))
        #expect(client.hear(TestClient.gap(2, 4)) == [.gap(2, 4, isAnnounced: true)])
        #expect(client.hear(TestClient.gap(2, 4)) == [])
        #expect(client.hear(TestClient.gap(3, 5)) == [.gap(5, 5, isAnnounced: true)])
        #expect(client.hear(TestClient.event(6)) == [Self.delivered(6)])
        #expect(client.acknowledge(1) == [Self.acked(5)])
        // Told ahead of the events before it.
        #expect(client.hear(TestClient.gap(9, 10)) == [.gap(9, 10, isAnnounced: true)])
        #expect(client.hear(TestClient.event(7)) == [Self.delivered(7)])
        #expect(client.hear(TestClient.event(8)) == [Self.delivered(8)])
        #expect(client.hear(TestClient.event(11)) == [Self.delivered(11)])
        #expect(client.hear(TestClient.event(13)) == [.gap(12, 12, isAnnounced: false), Self.delivered(13)])
        #expect(client.hear(TestClient.event(15)) == [.gap(14, 14, isAnnounced: false), Self.delivered(15)])
        // What was delivered is not lost, whatever the server says of it later.
        #expect(client.hear(TestClient.gap(11, 11)) == [])
    }

    @Test(arguments: [#"{"from":0,"to":1}"#, #"{"from":3,"to":2}"#, #"{"from":"a","to":2}"#, "{}"])
    func aGapThatIsNoneIsABreach(_ data: String) {
        var client = TestClient.connected()
        let done = client.hear(#"{"type":"event","id":"g","channel":"system","action":"gap","data":\#(data)}"#)
        #expect(done == [.state(.closing), .close(1002)])
        #expect(client.core.end == .violation)
    }

    /// What the caller has in hand when the connection is lost is not delivered again, and can be acknowledged in the
    /// resumed session.
    @Test func whatIsInHandSurvivesAResume() {
        var client = TestClient.connected()
        for offset in 1...3 { client.hear(TestClient.event(Int64(offset))) }
        client.perform { $0.transportEnded(code: nil, at: $1) }
        #expect(client.acknowledge(2) == [])
        client.pass(.seconds(1))
        client.perform { $0.transportOpened(at: $1) }
        let asked = client.hear(TestClient.greeting("s2"))
        #expect(asked.last.map { "\($0)".contains(#"\"offset\":0"#) } == true)
        let resumed = client.hear(TestClient.ok(1, #"{"session":"s1","resumed":true,"token":"t2","pending":3}"#))
        #expect(resumed == [.state(.connected), .session(isResumed: true), Self.ackedID(2, token: "t2")])
        for offset in [1, 3] { #expect(client.hear(TestClient.event(Int64(offset), attempt: 2)) == []) }
        #expect(client.acknowledge(1) == [Self.acked(2, token: "t2")])
        #expect(client.acknowledge(3) == [Self.acked(3, token: "t2")])
        #expect(client.hear(TestClient.event(4)) == [Self.delivered(4)])
    }

    /// What the caller gives back is not acknowledged, and taken once more when it comes again.
    @Test func whatIsGivenBackComesAgain() {
        var client = TestClient.connected()
        for offset in 1...2 { client.hear(TestClient.event(Int64(offset))) }
        client.perform { core, _ in core.giveBack(EventReference(offset: 1, session: 1)) }
        #expect(client.acknowledge(2) == [Self.ackedID(2)])
        #expect(client.hear(TestClient.event(1, attempt: 2)) == [Self.delivered(1)])
        #expect(client.hear(TestClient.event(1, attempt: 3)) == [])
        client.perform { core, _ in core.giveBack(EventReference(offset: 1, session: 1)) }
        #expect(client.acknowledge(1) == [Self.acked(2)])
        #expect(client.hear(TestClient.event(1, attempt: 4)) == [Self.acked(2)])
        client.perform { core, _ in core.giveBack(EventReference(offset: 1, session: 1)) }
        #expect(client.hear(TestClient.event(1, attempt: 5)) == [Self.acked(2)])
    }

    @Test func aNewSessionStartsFromNothing() {
        var client = TestClient.connected()
        for offset in 1...3 { client.hear(TestClient.event(Int64(offset))) }
        _ = client.reconnect()
        client.hear(TestClient.error(1, "authentication", "session", isRetryable: false))
        #expect(client.core.sessionNumber == 2)
        #expect(client.acknowledge(1) == [])
        #expect(client.hear(TestClient.event(1)) == [Self.delivered(1, session: 2)])
        #expect(client.acknowledge(1, session: 2) == [Self.acked(1, token: "hs_s2")])
    }

    @Test(arguments: [-1, 0, 1]) func unacknowledgedEventsHaveABound(_ excess: Int) {
        var configuration = TestClient.prompt
        configuration.maxUnacknowledged = 5
        var client = TestClient.connected(configuration)
        for offset in 1...(5 + excess) { client.hear(TestClient.event(Int64(offset))) }
        #expect(client.core.kind == (excess > 0 ? .closing : .connected))
        #expect(client.core.end == (excess > 0 ? .violation : nil))
    }

    /// Against an outbox: whatever is lost, repeated, handled late and out of order, each event is delivered once, in
    /// order, and in the end all are acknowledged.
    @Test(arguments: 0..<200) func anyCourseEndsWithEveryEventDeliveredOnce(_ seed: UInt64) {
        var world = OutboxWorld(seed: seed)
        for _ in 0..<300 { world.doAnything() }
        world.finish()
        #expect(world.delivered == Array(1...world.outbox.last))
        #expect(world.outbox.isEmpty)
    }
}

/// A ledger, and an outbox that resends what is not acknowledged.
private struct OutboxWorld {
    struct Outbox {
        var last: Int64 = 0
        var unacknowledged: [Int64] = []
        var isEmpty: Bool { self.unacknowledged.isEmpty }
    }

    var random: ClientRandom
    var ledger = OffsetLedger()
    var outbox = Outbox()
    /// The first sendings over this connection have come so far.
    var cursor: Int64 = 0
    var delivered: [Int64] = []
    var inHand: [Int64] = []

    init(seed: UInt64) { self.random = ClientRandom(seed: seed) }

    mutating func doAnything() {
        switch self.random.next() % 10 {
        case 0, 1:
            self.outbox.last += 1
            self.outbox.unacknowledged.append(self.outbox.last)
        case 2, 3, 4: self.sendNext()
        case 5: self.sendAgain()
        case 6, 7: self.handleSome()
        case 8: self.acknowledge(isLost: self.random.next() % 3 == 0)
        default:
            // The connection is lost: the floor is told with the resume, the rest is sent again in order.
            _ = self.ledger.takeFloor()
            self.outbox.unacknowledged.removeAll { $0 <= self.ledger.floor }
            self.cursor = self.ledger.floor
        }
    }

    mutating func finish() {
        while !self.outbox.isEmpty {
            self.sendNext()
            self.sendAgain()
            self.handleSome()
            self.acknowledge(isLost: false)
        }
    }

    private mutating func sendNext() {
        guard let offset = self.outbox.unacknowledged.first(where: { $0 > self.cursor }) else { return }
        self.cursor = offset
        self.hear(offset)
    }

    private mutating func sendAgain() {
        let sent = self.outbox.unacknowledged.filter { $0 <= self.cursor }
        guard !sent.isEmpty else { return }
        self.hear(sent[Int(self.random.next() % UInt64(sent.count))])
    }

    private mutating func hear(_ offset: Int64) {
        switch self.ledger.arrived(offset) {
        case .new:
            self.delivered.append(offset)
            self.inHand.append(offset)
        case .newAfter(let gap): Issue.record("a gap: \(gap)")
        case .repeatedOutstanding: break
        case .repeatedHandled: self.ledger.isRepeated(offset, id: "e\(offset)".utf8.span)
        }
    }

    private mutating func handleSome() {
        guard !self.inHand.isEmpty else { return }
        let index = Int(self.random.next() % UInt64(min(self.inHand.count, 3)))
        let offset = self.inHand.remove(at: index)
        self.ledger.handled(offset, id: "e\(offset)".utf8.span)
    }

    private mutating func acknowledge(isLost: Bool) {
        let floor = self.ledger.takeFloor()
        var offsets: [Int64] = []
        while let event = self.ledger.takeHandledAhead() { offsets.append(event.offset) }
        guard !isLost else { return }
        if let floor { self.outbox.unacknowledged.removeAll { $0 <= floor } }
        self.outbox.unacknowledged.removeAll { offsets.contains($0) }
    }
}
