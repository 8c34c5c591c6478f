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

    /// Connection rates, offences and blocks of addresses; offences and blocks of identities at addresses.
    let addresses: OffenderTable
    let identities: OffenderTable
    let identityBuckets: SpinLocked<IdentityBuckets>
    private let usedTickets = SpinLocked(UsedTickets())
    private let salt: HashSalt

    private final class Cell: Sendable { let count = Atomic<Int>(0) }
    private final class Time: Sendable { let nanoseconds = Atomic<Int64>(Int64.max) }

    /// `ThreadPoolSize` at its greatest.
    private static let greatestLoopCount = 256

    /// The number of cells; with `MaxHandshakes` at its default, 1,000, two of them rarely meet.
    private static let cellCount = 16_384

    /// - Parameters:
    ///   - maxAddresses: `RateLimits.MaxAddresses`: the bound of each table.
    ///   - salt: a server's secret. The default is for tests and simulations, where every run is to be the same.
    package init(maxAddresses: Int = 100_000, salt: HashSalt = HashSalt(0, 0)) {
        self.handshakesByAddress = (0..<Self.cellCount).map { _ in Cell() }
        self.longestDetached = (0..<Self.greatestLoopCount).map { _ in Time() }
        self.addresses = OffenderTable(maximumCount: maxAddresses, salt: salt)
        self.identities = OffenderTable(maximumCount: maxAddresses, salt: salt)
        self.identityBuckets = SpinLocked(IdentityBuckets(maximumIdleCount: maxAddresses))
        self.salt = salt
    }

    /// Takes one of `maximum` connections; exact over all loops.
    package func reserveConnection(maximum: Int) -> Bool { Self.take(self.connectionCount, maximum: maximum) }
    package func releaseConnection() { self.connectionCount.wrappingSubtract(1, ordering: .releasing) }

    /// Takes one of `maximum` handshakes in progress.
    package func reserveHandshake(maximum: Int) -> Bool { Self.take(self.handshakeCount, maximum: maximum) }
    package func releaseHandshake() { self.handshakeCount.wrappingSubtract(1, ordering: .releasing) }

    /// Takes one of the `maximum` handshakes in progress that an address may have.
    package func reserveHandshakeShare(of address: CountedAddress, maximum: Int) -> Bool {
        Self.take(self.cell(of: address).count, maximum: maximum)
    }
    package func releaseHandshakeShare(of address: CountedAddress) {
        self.cell(of: address).count.wrappingSubtract(1, ordering: .releasing)
    }

    /// Uses a ticket; false if it was used before, on whatever loop.
    func useTicket(_ number: UInt64) -> Bool { self.usedTickets.withLock { $0.use(number) } }

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

    /// What is taken now, for who checks it.
    package var counts: (connections: Int, handshakes: Int) {
        (self.connectionCount.load(ordering: .relaxed), self.handshakeCount.load(ordering: .relaxed))
    }

    /// What is published from now on comes after what was retained before a restart.
    package func raisePublishSequence(to sequence: UInt64) {
        var known = self.publishSequence.load(ordering: .relaxed)
        while known < sequence {
            let (isOurs, seen) = self.publishSequence.weakCompareExchange(
                expected: known, desired: sequence, ordering: .relaxed)
            if isOurs { return }
            known = seen
        }
    }

    private static func take(_ counter: borrowing Atomic<Int>, maximum: Int) -> Bool {
        let before = counter.wrappingAdd(1, ordering: .acquiringAndReleasing).oldValue
        if before < maximum { return true }
        counter.wrappingSubtract(1, ordering: .releasing)
        return false
    }

    private func cell(of address: CountedAddress) -> Cell {
        self.handshakesByAddress[Int(address.hash(self.salt) % UInt64(Self.cellCount))]
    }
}
