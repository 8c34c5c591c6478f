import HydrogenProtocol
import Testing

@testable import HydrogenSimulation

/// Rule 6 for events that are not guaranteed.
@Suite struct EventOracleTests {
    struct Scene {
        var oracle = EventOracle(
            [CompiledSubscription(SubscribePlan(channel: Samples.print, topic: "job.*", filter: .kind(1)), channelName: "print")])
        var now = Instant(nanoseconds: 1_000_000_000)

        init() {
            self.oracle.makeClients(2)
            self.oracle.connected(0, at: Instant(nanoseconds: 0))
            self.oracle.sessionBegan(0, isResumed: false, at: Instant(nanoseconds: 1))
            _ = self.oracle.taken(.subscribe(0), command: 1, of: 0, at: self.now)
            self.oracle.answered(1, WrittenAnswer(isOk: true, subscription: 1), of: 0, keptFrom: 0, at: self.now)
        }

        mutating func publish(kind: Int = 1, key: Int? = nil) -> UInt32 {
            let number = self.oracle.add(
                Publish(
                    publisher: 1, channel: Samples.print, action: Array("job.done".utf8), kind: kind, isForAll: false,
                    isGuaranteed: false, isDeferred: false, key: key, sentAt: 0))
            let taken = self.oracle.taken(.publish(number), command: number + 10, of: 1, at: self.now)
            if let taken { self.oracle.await(taken, 0, at: self.now) }
            self.oracle.answered(number + 10, WrittenAnswer(isOk: true), of: 1, keptFrom: 0, at: self.now)
            return number
        }

        mutating func write(_ number: UInt32, kind: Int = 1, channel: String = "print") -> String? {
            let event = WrittenEvent(
                channel: Array(channel.utf8), action: Array("job.done".utf8), kind: kind, publish: number,
                isRetained: false, attempt: 1, offset: 0, hash: 0)
            return self.oracle.written(event, to: 0, at: self.now)
        }
    }

    /// A client that starts anew numbers its commands anew.
    @Test(arguments: [true, false]) func anAnswerIsToTheLatestCommandOfItsNumber(_ isResumed: Bool) {
        var scene = Scene()
        let number = scene.oracle.add(
            Publish(
                publisher: 1, channel: Samples.print, action: Array("job.done".utf8), kind: 1, isForAll: false,
                isGuaranteed: true, isDeferred: false, sentAt: 0))
        _ = scene.oracle.taken(.publish(number), command: 6, of: 1, at: scene.now)
        scene.oracle.sessionBegan(1, isResumed: isResumed, at: scene.now)
        scene.oracle.answered(6, WrittenAnswer(isOk: true), of: 1, keptFrom: 0, at: scene.now)
        #expect(scene.oracle.publishes[number]?.isAccepted == isResumed)
    }

    /// One whose commit failed is sent again, and answered with the event that has its key by now.
    @Test(arguments: [(77, false), (78, true)]) func anAnswerMayNameAnotherEvent(_ hash: UInt64, _ isAccepted: Bool) {
        var scene = Scene()
        let numbers = (0..<2).map { _ in
            scene.oracle.add(
                Publish(
                    publisher: 1, channel: Samples.print, action: Array("job.done".utf8), kind: 1, isForAll: false,
                    isGuaranteed: true, isDeferred: false, key: 2, sentAt: 0))
        }
        for (number, command) in [(numbers[0], 6), (numbers[1], 7)] as [(UInt32, UInt32)] {
            _ = scene.oracle.taken(.publish(number), command: command, of: 1, at: scene.now)
        }
        scene.oracle.answered(7, WrittenAnswer(isOk: true, eventHash: 77), of: 1, keptFrom: 0, at: scene.now)
        scene.oracle.answered(6, WrittenAnswer(isOk: true, eventHash: hash), of: 1, keptFrom: 0, at: scene.now)
        #expect(scene.oracle.publishes[numbers[1]]?.isAccepted == true)
        #expect(scene.oracle.publishes[numbers[0]]?.isAccepted == isAccepted)
    }

    @Test func aKeyThatComesOverAnEarlierLinkIsTaken() {
        var scene = Scene()
        let number = scene.oracle.add(
            Publish(
                publisher: 1, channel: Samples.print, action: Array("job.done".utf8), kind: 1, isForAll: false,
                isGuaranteed: false, isDeferred: false, key: 2, sentAt: 0))
        scene.oracle.takenLate(.publish(number), at: scene.now)
        _ = scene.publish(key: 2)
        #expect(scene.oracle.overdue(at: scene.now + .seconds(10)).isEmpty, "it publishes nothing")
    }

    @Test func whatComesOnceIsRight() {
        var scene = Scene()
        let number = scene.publish()
        #expect(scene.write(number) == nil)
        #expect(scene.oracle.overdue(at: scene.now + .seconds(10)).isEmpty)
    }

    @Test func twiceIsFound() {
        var scene = Scene()
        let number = scene.publish()
        #expect(scene.write(number) == nil)
        let fault = scene.write(number)
        #expect(fault?.contains("twice") ?? false)
    }

    @Test(arguments: [(1, "file"), (2, "print")]) func whatNobodyAskedForIsFound(_ kind: Int, _ channel: String) {
        var scene = Scene()
        let number = scene.publish(kind: kind)
        let fault = scene.write(number, kind: kind, channel: channel)
        #expect(fault?.contains("did not ask") ?? false)
    }

    @Test func whatDoesNotComeIsFound() {
        var scene = Scene()
        _ = scene.publish()
        #expect(scene.oracle.overdue(at: scene.now + .milliseconds(500)).isEmpty)
        #expect(scene.oracle.overdue(at: scene.now + .milliseconds(501)).count == 1)
    }

    @Test func whoIsDisturbedNeedNotGetIt() {
        var scene = Scene()
        _ = scene.publish()
        scene.oracle.disturb(0, at: scene.now)
        #expect(scene.oracle.overdue(at: scene.now + .seconds(10)).isEmpty)
    }

    @Test func aKeyPublishesOnce() {
        var scene = Scene()
        let numbers = [scene.publish(key: 3), scene.publish(key: 3)]
        #expect(scene.write(numbers[0]) == nil)
        let fault = scene.write(numbers[1])
        #expect(fault?.contains("same key") ?? false)
    }
}
