import HydrogenProtocol
import Synchronization

/// The few exact numbers that all loops share. Everything else has one owner.
package final class SharedLedger: Sendable {
    private let connectionCount = Atomic<Int>(0)
    private let handshakeCount = Atomic<Int>(0)
    private let publishSequence = Atomic<UInt64>(0)
    /// Handshakes in progress by hash of the address: a fixed table, so that no number of addresses makes it grow.
    /// Two addresses that share a cell share its bound, which can only refuse more, never less.
    private let handshakesByAddress: [Cell]

    private final class Cell: Sendable { let count = Atomic<Int>(0) }

    /// The number of cells; with `MaxHandshakes` at its default, 1,000, two of them rarely meet.
    private static let cellCount = 16_384

    package init() {
        self.handshakesByAddress = (0..<Self.cellCount).map { _ in Cell() }
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
