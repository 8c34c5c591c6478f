import HydrogenProtocol
import HydrogenShard
import Testing

@testable import HydrogenSimulation

/// What the oracle of guaranteed delivery finds, message by message.
@Suite struct DeliveryOracleTests {
    /// One session with a subscription that matches everything on `print`, and a publisher.
    struct Scene {
        static let id = Array("s0-abc".utf8)
        var oracle = DeliveryOracle(
            [CompiledSubscription(SubscribePlan(channel: Samples.print, topic: "**", isGuaranteed: true), channelName: "print")],
            Scene.configuration)
        var publishes = PublishLog()
        var link = DeliveryOracle.OfLink()
        var now = Instant(nanoseconds: 1_000_000_000)

        static var configuration: ShardConfiguration {
            var configuration = Samples.configuration()
            configuration.delivery = .init(window: 4, ackTimeout: .seconds(1), maxAttempts: 3)
            configuration.sessions.resumeWindow = .seconds(10)
            return configuration
        }

        init() {
            self.oracle.began(Self.id, on: 1, &self.link, at: self.now)
            self.oracle.taken(.subscribe(0), command: 1, &self.link, self.publishes, at: self.now)
            self.oracle.answered(1, WrittenAnswer(isOk: true, subscription: 1), self.link, keptFrom: 0)
        }

        /// Publishes, and is answered with ok.
        mutating func publish() -> UInt32 {
            let publish = Publish(
                publisher: 0, channel: Samples.print, action: Array("x".utf8), kind: 0, isForAll: false,
                isGuaranteed: true, isDeferred: false, sentAt: 0)
            let number = self.publishes.append(publish)
            self.oracle.published(number, publish, at: self.now)
            let now = self.now.nanoseconds
            self.publishes.change(number) {
                $0.isAccepted = true
                $0.acceptedAt = now
                $0.eventHash = UInt64(number) + 100
            }
            return number
        }

        mutating func write(_ offset: Int64, _ publish: UInt32, attempt: Int32 = 1, on place: UInt32 = 1) -> String? {
            let event = WrittenEvent(
                channel: Array("print".utf8), action: Array("x".utf8), publish: publish, isRetained: false,
                attempt: attempt, offset: offset, hash: UInt64(publish) + 100)
            return self.oracle.written(event, &self.link, on: place, isHeldUp: false, at: self.now)
        }

        mutating func ack(_ offset: Int64) {
            self.oracle.taken(.ack(offset), command: 0, &self.link, self.publishes, at: self.now)
            self.oracle.acknowledged(through: offset, self.link, on: 1, at: self.now)
        }

        mutating func pass(_ interval: Interval) { self.now = self.now + interval }

        mutating func resume(offset: Int64, on place: UInt32 = 2, isOk: Bool = true) -> String? {
            var link = DeliveryOracle.OfLink()
            self.oracle.began(Array("s0-fresh".utf8), on: place, &link, at: self.now)
            let number = self.oracle.number(of: Self.id)
            self.oracle.taken(.resume(number, offset: offset), command: 1, &link, self.publishes, at: self.now)
            let fault = self.oracle.resumed(isOk, isRefusedForGood: !isOk, on: place, &link, keptFrom: 0, at: self.now)
            self.link = link
            return fault
        }

        func overdue() -> String? {
            self.oracle.overdue(self.oracle.number(of: Self.id), heldUpAt: -1, self.publishes, at: self.now)
        }
    }

    /// A gap is told again until an event behind it is acknowledged.
    @Test(arguments: [true, false]) func aGapIsKnownByAnAckBehindIt(_ isAcknowledged: Bool) {
        var scene = Scene()
        let numbers = (1...3).map { _ in scene.publish() }
        let fault = scene.oracle.gapWritten(from: 1, to: 1, &scene.link, isHeldUp: false, at: scene.now)
        #expect(fault == nil)
        #expect(scene.write(2, numbers[1]) == nil)
        if isAcknowledged {
            scene.oracle.taken(
                .ackID(UInt64(numbers[1]) + 100), command: 0, &scene.link, scene.publishes, at: scene.now)
        }
        scene.oracle.left(scene.link, on: 1, at: scene.now)
        #expect(scene.resume(offset: 0) == nil)
        let next = scene.write(3, numbers[2], on: 2)
        #expect((next == nil) == isAcknowledged, "\(next ?? "")")
    }

    @Test func whatIsSentInOrderAndAcknowledgedIsRight() {
        var scene = Scene()
        for offset in 1...5 as ClosedRange<Int64> {
            let number = scene.publish()
            #expect(scene.write(offset, number) == nil)
            #expect(scene.oracle.received(number, offset: offset, after: offset - 1, of: Scene.id) == nil)
            scene.ack(offset)
            scene.pass(.seconds(1))
        }
        scene.pass(.seconds(100))
        #expect(scene.overdue() == nil)
        #expect(scene.oracle.missing(Scene.id, scene.publishes, at: scene.now) == nil)
    }

    @Test func aHoleIsFound() {
        var scene = Scene()
        let numbers = [scene.publish(), scene.publish(), scene.publish()]
        #expect(scene.write(1, numbers[0]) == nil)
        let fault = scene.write(3, numbers[2])
        #expect(fault?.contains("before 2") ?? false)
    }

    @Test func aGapThatIsToldIsNoHole() {
        var scene = Scene()
        let numbers = [scene.publish(), scene.publish(), scene.publish()]
        #expect(scene.write(1, numbers[0]) == nil)
        #expect(scene.oracle.gapWritten(from: 2, to: 2, &scene.link, isHeldUp: false, at: scene.now) == nil)
        #expect(scene.write(3, numbers[2]) == nil)
    }

    @Test func aGapOfWhatIsAcknowledgedIsFound() {
        var scene = Scene()
        let number = scene.publish()
        #expect(scene.write(1, number) == nil)
        scene.ack(1)
        #expect(scene.oracle.gapWritten(from: 1, to: 1, &scene.link, isHeldUp: false, at: scene.now) == nil, "it may cross the ack")
        scene.pass(.seconds(1))
        #expect(scene.oracle.gapWritten(from: 1, to: 1, &scene.link, isHeldUp: false, at: scene.now) != nil)
    }

    @Test func whatIsAcknowledgedComesNoMore() {
        var scene = Scene()
        let number = scene.publish()
        #expect(scene.write(1, number) == nil)
        scene.ack(1)
        scene.pass(.seconds(1))
        let fault = scene.write(1, number, attempt: 2)
        #expect(fault?.contains("acknowledged") ?? false)
    }

    @Test func aRepeatHasAHigherAttempt() {
        var scene = Scene()
        let number = scene.publish()
        #expect(scene.write(1, number) == nil)
        #expect(scene.write(1, number, attempt: 2) == nil)
        #expect(scene.write(1, number, attempt: 2) != nil)
        #expect(scene.write(1, number, attempt: 4) != nil, "more than MaxDeliveryAttempts")
    }

    @Test func anEventHasOneOffset() {
        var scene = Scene()
        let numbers = [scene.publish(), scene.publish()]
        #expect(scene.write(1, numbers[0]) == nil)
        #expect(scene.write(2, numbers[0]) != nil)
        #expect(scene.write(1, numbers[1], attempt: 2) != nil)
    }

    @Test func whatDoesNotComeIsFound() {
        var scene = Scene()
        _ = scene.publish()
        #expect(scene.overdue() == nil)
        scene.pass(.seconds(3))
        let fault = scene.overdue()
        #expect(fault?.contains("does not come") ?? false)
        #expect(scene.oracle.missing(Scene.id, scene.publishes, at: scene.now) != nil)
    }

    @Test func whatWasNotAcceptedNeedNotCome() {
        var scene = Scene()
        let number = scene.publish()
        scene.publishes.change(number) { $0.isAccepted = false }
        scene.pass(.seconds(3))
        #expect(scene.overdue() == nil)
    }

    @Test func whatIsNotAcknowledgedComesAgain() {
        var scene = Scene()
        let number = scene.publish()
        #expect(scene.write(1, number) == nil)
        scene.pass(.seconds(2))
        #expect(scene.overdue() == nil)
        scene.pass(.seconds(2))
        let fault = scene.overdue()
        #expect(fault?.contains("does not come again") ?? false)
    }

    @Test func aDeadLetterNeedNotCome() {
        var scene = Scene()
        let number = scene.publish()
        #expect(scene.oracle.died(Scene.id, offset: 1, hash: UInt64(number) + 100, scene.publishes) == nil)
        scene.pass(.seconds(3))
        #expect(scene.overdue() == nil)
        #expect(scene.oracle.missing(Scene.id, scene.publishes, at: scene.now) == nil)
    }

    @Test func aDeadLetterOfWhatIsAcknowledgedIsFound() {
        var scene = Scene()
        let number = scene.publish()
        #expect(scene.write(1, number) == nil)
        scene.ack(1)
        scene.pass(.seconds(1))
        #expect(scene.resume(offset: 1) == nil)
        #expect(scene.oracle.died(Scene.id, offset: 1, hash: 100, scene.publishes) != nil)
    }

    @Test func aResumeGoesOnBehindItsOffset() {
        var scene = Scene()
        let numbers = [scene.publish(), scene.publish(), scene.publish()]
        for index in 0..<3 { #expect(scene.write(Int64(index) + 1, numbers[index]) == nil) }
        scene.oracle.left(scene.link, on: 1, at: scene.now)
        #expect(scene.resume(offset: 1) == nil)
        let fault = scene.write(3, numbers[2], attempt: 2, on: 2)
        #expect(fault?.contains("before 2") ?? false)
        #expect(scene.write(2, numbers[1], attempt: 2, on: 2) == nil)
        #expect(scene.write(3, numbers[2], attempt: 2, on: 2) == nil)
    }

    @Test func aResumeAcknowledgesThoughItsAnswerIsLost() {
        var scene = Scene()
        let numbers = [scene.publish(), scene.publish(), scene.publish()]
        for index in 0..<2 { #expect(scene.write(Int64(index) + 1, numbers[index]) == nil) }
        scene.oracle.left(scene.link, on: 1, at: scene.now)
        var lost = DeliveryOracle.OfLink()
        let number = scene.oracle.number(of: Scene.id)
        scene.oracle.taken(.resume(number, offset: 2), command: 1, &lost, scene.publishes, at: scene.now)
        #expect(scene.resume(offset: 0, on: 3) == nil)
        #expect(scene.write(3, numbers[2], on: 3) == nil)
    }

    @Test(arguments: [(9, true), (11, false)]) func aSessionThatIsAskedForInTimeIsNotRefused(
        _ seconds: Int64, _ isFault: Bool
    ) {
        var scene = Scene()
        scene.oracle.left(scene.link, on: 1, at: scene.now)
        scene.pass(.seconds(seconds))
        #expect((scene.resume(offset: 0, isOk: false) != nil) == isFault)
    }

    @Test func aSessionThatItsClientEndedMayBeRefused() {
        var scene = Scene()
        scene.oracle.ended(scene.link, on: 1)
        #expect(scene.resume(offset: 0, isOk: false) == nil)
    }

    @Test func aCloseOverAnEarlierLinkEndsNothing() {
        var scene = Scene()
        let number = scene.publish()
        let old = scene.link
        #expect(scene.resume(offset: 0) == nil)
        scene.oracle.ended(old, on: 1)
        scene.oracle.left(old, on: 1, at: scene.now)
        scene.oracle.left(scene.link, on: 2, at: scene.now)
        #expect(scene.resume(offset: 0, on: 3) == nil)
        #expect(scene.write(1, number, on: 3) == nil)
        scene.pass(.seconds(20))
        #expect(scene.overdue() != nil, "it must come again")
    }

    /// A resume whose answer is lost leaves open what the server knows of it.
    @Test func whatComesAgainAllTheSameIsNoted() {
        var scene = Scene()
        let number = scene.publish()
        for attempt in 1...3 as ClosedRange<Int32> { #expect(scene.write(1, number, attempt: attempt) == nil) }
        scene.oracle.left(scene.link, on: 1, at: scene.now)
        var lost = DeliveryOracle.OfLink()
        let session = scene.oracle.number(of: Scene.id)
        scene.oracle.taken(.resume(session, offset: 1), command: 1, &lost, scene.publishes, at: scene.now)
        #expect(scene.resume(offset: 0, on: 3) == nil)
        #expect(scene.write(1, number, attempt: 2, on: 3) == nil, "a restart forgets attempts")
        #expect(scene.write(1, number, attempt: 3, on: 3) == nil)
    }

    @Test func theClientIsToldOfAnEventOnce() {
        var scene = Scene()
        let number = scene.publish()
        #expect(scene.oracle.received(number, offset: 1, after: 0, of: Scene.id) == nil)
        #expect(scene.oracle.received(number, offset: 1, after: 1, of: Scene.id) != nil)
    }
}
