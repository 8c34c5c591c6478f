import HydrogenProtocol
import HydrogenThreads
import HydrogenTransport
import Testing

@Test func theMonotonicClockNeverGoesBack() {
    var last = Clock.now().instant
    for _ in 0..<1_000 {
        let now = Clock.now().instant
        #expect(now >= last)
        last = now
    }
    #expect(Clock.now().wall > WallTime(milliseconds: 1_700_000_000_000))
}
