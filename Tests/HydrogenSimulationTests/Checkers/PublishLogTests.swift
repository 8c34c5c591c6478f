import Testing

@testable import HydrogenSimulation

@Suite struct PublishLogTests {
    private static func publish(_ number: Int) -> Publish {
        Publish(
            publisher: 0, channel: 0, action: [], kind: number, isForAll: false, isGuaranteed: false, isDeferred: false,
            sentAt: 0)
    }

    /// It holds so many, and forgets the oldest.
    @Test func itIsBounded() {
        var log = PublishLog()
        for number in 0..<PublishLog.capacity { #expect(log.append(Self.publish(number)) == UInt32(number)) }
        #expect(log[0]?.kind == 0)
        #expect(log[UInt32(PublishLog.capacity)] == nil)
        _ = log.append(Self.publish(PublishLog.capacity))
        #expect(log[0] == nil)
        #expect(log[1]?.kind == 1)
        #expect(log[UInt32(PublishLog.capacity)]?.kind == PublishLog.capacity)
        log.change(0) { $0.isAccepted = true }
        #expect(log[UInt32(PublishLog.capacity)]?.isAccepted == false)
    }
}
