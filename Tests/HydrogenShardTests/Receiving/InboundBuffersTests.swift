import Testing

@testable import HydrogenShard

@Suite struct InboundBuffersTests {
    @Test(arguments: [InboundBuffers.maxCount - 1, InboundBuffers.maxCount, InboundBuffers.maxCount + 1])
    func noMoreAreKeptThanTheMaximum(_ count: Int) {
        var buffers = InboundBuffers()
        for _ in 0..<count { buffers.giveBack([1, 2, 3]) }
        #expect(buffers.count == min(count, InboundBuffers.maxCount))
    }

    @Test func whatIsTakenIsEmptyAndHasRoom() {
        var buffers = InboundBuffers()
        var used: [UInt8] = []
        used.reserveCapacity(200)
        used.append(contentsOf: [1, 2, 3])
        buffers.giveBack(used)
        let taken = buffers.take()
        #expect(taken.isEmpty)
        #expect(taken.capacity >= 200)
        #expect(buffers.count == 0)
        #expect(buffers.take().capacity == 0)
    }

    @Test func aLargeOneIsNotKept() {
        var buffers = InboundBuffers()
        buffers.giveBack([UInt8](repeating: 0, count: InboundBuffers.maxByteCount * 2))
        #expect(buffers.count == 0)
    }
}
