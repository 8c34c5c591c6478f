import HydrogenProtocol
import Testing

@testable import HydrogenShard

/// One receiver that comes and goes on several loops, publishers on all of them, and mail that arrives in any order
/// between loops: whatever happens, each event is processed once, in the order of offsets.
@Suite struct InterleavingTests {
    @Test(arguments: 0..<60)
    func nothingIsMissingNothingTwiceNothingOutOfOrder(_ seed: Int) throws {
        var run = try Run(seed: UInt64(seed))
        for _ in 0..<120 { try run.step() }
        try run.finish()
    }

    struct Run {
        let world: DeliveryWorld
        let publishers: [TestClient]
        var random: UInt64
        /// The connection that the receiver has, or had last.
        var receiver: TestClient
        var isConnected = true
        /// Whether the response to its resume has come.
        var isResumed = true
        var processed = 0
        var seen: [Int] = []
        var published = 0
        var lastID = ""

        init(seed: UInt64) throws {
            self.random = seed &* 0x9e37_79b9_7f4a_7c15 &+ 1
            let world = DeliveryWorld(
                .init(window: 4, ackTimeout: .seconds(5), maxAttempts: 100, maxOutboxEvents: 10_000), loopCount: 3)
            self.world = world
            self.receiver = try world.connect(loop: 1)
            try world.subscribe(self.receiver)
            self.publishers = try (0..<3).map { try world.connect(loop: $0) }
            world.server.holdMail()
        }

        mutating func pick(_ count: Int) -> Int {
            self.random = self.random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(self.random >> 33) % count
        }

        mutating func step() throws {
            switch self.pick(12) {
            case 0, 1: self.publish()
            case 2: if self.pick(2) == 0 { self.lose() }
            case 3: if self.pick(2) == 0 { try self.resume() }
            case 4: self.read()
            case 5: self.ack()
            case 6: self.world.advance(by: .milliseconds(Int64(self.pick(3000))))
            case 7:
            self.world.server.choked = [self.receiver.id]
            self.world.server.chokedLoop = self.receiver.loop
            case 8: self.unchoke()
            default: self.carry()
            }
        }

        private mutating func publish() {
            let loop = self.pick(3)
            let answer = self.world.server.send(
                TestServer.command(
                    "print", "publish", #"{"action":"x","data":{"n":\#(self.published + 1)},"guaranteed":true}"#),
                on: self.publishers[loop].id, loop: loop)
            // Mail that waits may have taken all places.
            if answer.contains(where: { $0.contains(#""event":"e"#) }) { self.published += 1 }
        }

        private mutating func lose() {
            guard self.isConnected else { return }
            self.isConnected = false
            self.world.server.choked = []
            self.world.lose(self.receiver)
        }

        /// A new connection, also where the old one still stands.
        private mutating func resume() throws {
            let loop = self.pick(3)
            let session = self.receiver.session
            self.world.server.choked = []
            self.receiver = try self.world.connect(loop: loop)
            self.receiver.session = session
            self.isConnected = true
            self.isResumed = false
            self.world.server.send(
                SessionsTests.resume(session, offset: self.processed), on: self.receiver.id, loop: loop, taking: false)
        }

        private mutating func read() {
            guard self.isConnected else { return }
            for text in self.world.server.take(self.receiver.id, loop: self.receiver.loop) { self.handle(text) }
            let (loop, id) = (self.receiver.loop, self.receiver.id)
            // Taken over by an earlier connection of its own whose request came late.
            if self.world.server.closed.contains(where: { $0.loop == loop && $0.id == id }) { self.lose() }
        }

        private mutating func handle(_ text: String) {
            guard let event = ReceivedEvent(text) else {
                #expect(text.contains(#""resumed":true"#), "\(text)")
                self.isResumed = true
                self.receiver.session.token = SessionData(text).token
                return
            }
            #expect(event.gap == nil && event.offset > 0)
            guard event.offset > self.processed else { return }
            #expect(event.offset == self.processed + 1, "in order")
            self.processed = event.offset
            self.lastID = event.id
            self.seen.append(event.number)
        }

        private mutating func ack() {
            guard self.isConnected, self.isResumed, self.processed > 0 else { return }
            let name = self.pick(2) == 0 ? #""offset":\#(self.processed)"# : #""id":"\#(self.lastID)""#
            self.world.server.send(
                #"{"type":"ack",\#(name)}"#, on: self.receiver.id, loop: self.receiver.loop, taking: false)
        }

        private mutating func unchoke() {
            guard self.world.server.choked.contains(self.receiver.id) else { return }
            self.world.server.unchoke(self.receiver.id, loop: self.receiver.loop)
        }

        private mutating func carry() {
            let pairs = self.world.server.waitingPairs
            guard !pairs.isEmpty else { return }
            let pair = pairs[self.pick(pairs.count)]
            self.world.server.carryMail(from: pair.from, to: pair.to)
        }

        /// Faults stop: everything is delivered within a few rounds.
        mutating func finish() throws {
            self.world.server.choked = []
            self.world.server.releaseMail()
            self.read()
            try self.resume()
            for _ in 0..<50 {
                self.read()
                if !self.isConnected { try self.resume() }
                self.ack()
            }
            let missing = Set(1...max(1, self.published)).subtracting(self.seen)
            #expect(self.seen.count == self.published && (missing.isEmpty || self.published == 0), "missing \(missing)")
            let waiting = self.world.server.sum { $0.outboxEvents[0] }
            #expect(waiting == 0 && self.world.isLawKept && self.world.arePlacesFree)
            #expect(self.world.count(.acked) == Int64(self.published))
        }
    }
}
