import HydrogenProtocol
import Synchronization

/// The few exact numbers that all loops share. Everything else has one owner.
package final class SharedLedger: Sendable {
    private let connectionCount = Atomic<Int>(0)
    private let handshakeCount = Atomic<Int>(0)
    private let publishSequence = Atomic<UInt64>(0)
    private let detachedCount = Atomic<Int>(0)
    /// By loop: since when its longest detached session waits, in nanoseconds; the greatest number if none does.
    private let longestDetached: [Time]
    /// Handshakes in progress by hash of the address: a fixed table, so that no number of addresses makes it grow.
    /// Two addresses that share a cell share its bound, which can only refuse more, never less.
    private let handshakesByAddress: [Cell]

    private final class Cell: Sendable { let count = Atomic<Int>(0) }
    private final class Time: Sendable { let nanoseconds = Atomic<Int64>(Int64.max) }

    /// `ThreadPoolSize` at its greatest.
    private static let greatestLoopCount = 256

    /// The number of cells; with `MaxHandshakes` at its default, 1,000, two of them rarely meet.
    private static let cellCount = 16_384

    package init() {
        self.handshakesByAddress = (0..<Self.cellCount).map { _ in Cell() }
        self.longestDetached = (0..<Self.greatestLoopCount).map { _ in Time() }
    }

    /// Takes one of `maximum` connections; exact over all loops.
    package func reserveConnection(maximum: Int) -> Bool { Self.take(self.connectionCount, maximum: maximum) }
    package func releaseConnection() { self.connectionCount.wrappingSubtract(1, ordering: .releasing) }

    /// Takes one of `maximum` handshakes in progress, of which one address may hold `maximumPerAddress`.
    package func reserveHandshake(of peer: PeerAddress, maximum: Int, maximumPerAddress: Int) -> Bool {
        guard Self.take(self.handshakeCount, maximum: maximum) else { return false }
        if Self.take(self.cell(of: peer).count, maximum: maximumPerAddress) { return true }
        self.handshakeCount.wrappingSubtract(1, ordering: .releasing)
        return false
    }

    package func releaseHandshake(of peer: PeerAddress) {
        self.handshakeCount.wrappingSubtract(1, ordering: .releasing)
        self.cell(of: peer).count.wrappingSubtract(1, ordering: .releasing)
    }

    /// Orders publishes that set the same retained event on different loops: the higher number wins everywhere.
    package func nextPublishSequence() -> UInt64 {
        self.publishSequence.wrappingAdd(1, ordering: .relaxed).newValue
    }

    /// A session lost its connection, or one that had is attached again or has ended.
    package func addDetached(_ count: Int) { self.detachedCount.wrappingAdd(count, ordering: .relaxed) }

    /// How many sessions are detached, on all loops.
    package var detached: Int { self.detachedCount.load(ordering: .relaxed) }

    /// Tells since when the longest detached session of a loop waits; nil: none does.
    package func setLongestDetached(_ since: Instant?, at loop: LoopIndex) {
        self.longestDetached[loop].nanoseconds.store(since?.nanoseconds ?? Int64.max, ordering: .relaxed)
    }

    /// The loop whose longest detached session waits longest of all.
    package func loopOfLongestDetached(loopCount: Int) -> LoopIndex {
        var found = 0
        var earliest = Int64.max
        for loop in 0..<loopCount {
            let since = self.longestDetached[loop].nanoseconds.load(ordering: .relaxed)
            if since < earliest { (found, earliest) = (loop, since) }
        }
        return found
    }

    private static func take(_ counter: borrowing Atomic<Int>, maximum: Int) -> Bool {
        let before = counter.wrappingAdd(1, ordering: .acquiringAndReleasing).oldValue
        if before < maximum { return true }
        counter.wrappingSubtract(1, ordering: .releasing)
        return false
    }

    /// IPv6 counts by /64: who has one address of a network has all of them.
    private func cell(of peer: PeerAddress) -> Cell {
        let key = peer.isIPv4 ? peer.low : peer.high
        let mixed = (key ^ (key >> 32)) &* 0x9e37_79b9_7f4a_7c15
        return self.handshakesByAddress[Int(mixed >> 50)]
    }
}
