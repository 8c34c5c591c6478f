import HydrogenProtocol
import Testing

@testable import HydrogenSimulation

/// What the oracles demand of a server that was killed and had a durable store.
@Suite struct CrashOracleTests {
    private typealias Scene = DeliveryOracleTests.Scene

    /// The server is killed, and is there again.
    private func restart(_ scene: inout DeliveryOracleTests.Scene) {
        scene.oracle.crashed(scene.publishes, at: scene.now)
        scene.pass(.seconds(1))
        scene.oracle.restarted(maxDetached: 100, at: scene.now)
    }

    @Test(arguments: [true, false]) func whatWasAcceptedMustCome(isAccepted: Bool) {
        var scene = Scene()
        let number = scene.publish()
        scene.publishes.change(number) { $0.isAccepted = isAccepted }
        self.restart(&scene)
        #expect(scene.resume(offset: 0) == nil)
        scene.publishes.change(number) { $0.isAccepted = true }
        scene.pass(.seconds(3))
        #expect((scene.oracle.missing(Scene.id, scene.publishes, at: scene.now) != nil) == isAccepted)
        #expect((scene.overdue() != nil) == isAccepted)
    }

    @Test(arguments: [(100, false), (900, true)]) func whatWasAcknowledgedInTimeComesNoMore(
        milliseconds: Int64, isFault: Bool
    ) {
        var scene = Scene()
        let number = scene.publish()
        #expect(scene.write(1, number) == nil)
        scene.ack(1)
        scene.pass(.milliseconds(milliseconds))
        self.restart(&scene)
        #expect(scene.resume(offset: 0) == nil)
        #expect((scene.write(1, number, attempt: 2, on: 2) != nil) == isFault)
    }

    /// An acknowledgement while the store is in trouble is kept once that is over.
    @Test(arguments: [(0, false), (3, true)]) func aTroubleExcuses(seconds: Int64, isFault: Bool) {
        var scene = Scene()
        let number = scene.publish()
        #expect(scene.write(1, number) == nil)
        scene.oracle.calm.trouble(at: scene.now, until: scene.now + .seconds(1))
        scene.ack(1)
        scene.pass(.seconds(1))
        scene.pass(.seconds(seconds))
        self.restart(&scene)
        #expect(scene.resume(offset: 0) == nil)
        #expect((scene.write(1, number, attempt: 2, on: 2) != nil) == isFault)
    }

    @Test(arguments: [(false, true), (true, false)]) func aSessionIsThereAgainIfTheStoreWasCalm(
        isTroubled: Bool, isFault: Bool
    ) {
        var scene = Scene()
        if isTroubled {
            scene.oracle.calm.trouble(at: scene.now, until: scene.now + .seconds(1))
            let keptFrom = scene.oracle.calm.keptFrom(at: scene.now)
            scene.oracle.change(scene.oracle.number(of: Scene.id)) { $0.keptFrom = keptFrom }
        }
        self.restart(&scene)
        #expect((scene.resume(offset: 0, isOk: false) != nil) == isFault)
    }

    @Test func calmAndTrouble() {
        var calm = StoreCalm()
        func at(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }
        #expect(calm.lastCalm(at: at(5)) == at(5).nanoseconds && calm.lastTrouble(at: at(5)) == -1)
        calm.trouble(at: at(10), until: at(20))
        calm.trouble(at: at(15), until: at(15))
        #expect(calm.lastCalm(at: at(16)) == at(10).nanoseconds && calm.lastTrouble(at: at(16)) == at(16).nanoseconds)
        #expect(calm.keptFrom(at: at(16)) == at(1016).nanoseconds)
        #expect(calm.lastCalm(at: at(1019)) == at(10).nanoseconds)
        #expect(calm.lastCalm(at: at(1020)) == at(1020).nanoseconds && calm.lastTrouble(at: at(1030)) == at(1020).nanoseconds)
        #expect(calm.keptFrom(at: at(1020)) == at(1020).nanoseconds)
    }

    /// A publish under a key, as it is delivered with an id of its event.
    private func deliver(_ oracle: inout EventOracle, _ publish: UInt32, hash: UInt64) -> String? {
        oracle.keyFault(
            of: WrittenEvent(
                channel: Array("print".utf8), action: Array("x".utf8), publish: publish, isRetained: false, attempt: 1,
                offset: 1, hash: hash))
    }

    private func keyed(_ oracle: inout EventOracle, at seconds: Int64, isGuaranteed: Bool = true) -> UInt32 {
        let number = oracle.add(
            Publish(
                publisher: 0, channel: Samples.print, action: Array("x".utf8), kind: 0, isForAll: false,
                isGuaranteed: isGuaranteed, isDeferred: false, key: 1, sentAt: 0))
        _ = oracle.taken(.publish(number), command: number, of: 0, at: Instant(nanoseconds: seconds * 1_000_000_000))
        return number
    }

    @Test(arguments: [(true, true), (false, false)]) func aKeySurvivesIfItsPublishWasGuaranteed(
        isGuaranteed: Bool, isFault: Bool
    ) {
        var oracle = EventOracle([])
        oracle.makeClients(1)
        let first = self.keyed(&oracle, at: 1, isGuaranteed: isGuaranteed)
        #expect(self.deliver(&oracle, first, hash: 7) == nil)
        oracle.crashed(lastCalm: 0)
        let second = self.keyed(&oracle, at: 20, isGuaranteed: isGuaranteed)
        #expect((self.deliver(&oracle, second, hash: 8) != nil) == isFault)
    }

    @Test func onePublishUnderAKeyIsOneEvent() {
        var oracle = EventOracle([])
        oracle.makeClients(1)
        let number = self.keyed(&oracle, at: 1)
        #expect(self.deliver(&oracle, number, hash: 7) == nil)
        oracle.crashed(lastCalm: 0)
        #expect(self.deliver(&oracle, number, hash: 7) == nil)
        #expect(self.deliver(&oracle, number, hash: 8) != nil)
    }

    @Test(arguments: [(1, true), (2, false)]) func whatFailedDoesNotCome(timesSent: Int, isFault: Bool) {
        var oracle = EventOracle([])
        oracle.makeClients(1)
        let number = self.keyed(&oracle, at: 1)
        if timesSent > 1 {
            _ = oracle.taken(.publish(number), command: 77, of: 0, at: Instant(nanoseconds: 2_000_000_000))
        }
        oracle.answered(
            number, WrittenAnswer(isCommitRefused: true), of: 0, keptFrom: 0, at: Instant(nanoseconds: 3_000_000_000))
        let event = WrittenEvent(
            channel: Array("print".utf8), action: Array("x".utf8), publish: number, isRetained: false, attempt: 1,
            offset: 1, hash: 7)
        #expect((oracle.failureFault(of: event) != nil) == isFault)
    }
}
