import HydrogenProtocol

/// What all loops know of addresses, or of identities at addresses: their connection rates, offences and blocks. Used
/// at handshakes and for offences, never on the path of a message that passes.
///
/// The table is cut into stripes, each with a lock of its own, so that loops which accept at the same time rarely meet.
final class OffenderTable: Sendable {
    private static let stripeCount = 16
    /// Of each stripe. A thousand in all: so many groups of newcomers are told apart while the table is full.
    private static let overflowCount = 64

    private let salt: HashSalt
    private let stripes: [SpinLocked<OffenderStripe>]

    /// - Parameter maximumCount: `RateLimits.MaxAddresses`; the stripes share it.
    init(maximumCount: Int, salt: HashSalt) {
        self.salt = salt
        self.stripes = (0..<Self.stripeCount).map { index in
            let share = (maximumCount + index) / Self.stripeCount
            return SpinLocked(OffenderStripe(maximumCount: share, overflowCount: Self.overflowCount))
        }
    }

    /// Records at the moment.
    var count: Int { self.stripes.reduce(0) { $0 + $1.withLock { $0.count } } }

    func blockEnd(of offender: Offender, at now: Instant) -> Instant? {
        self.stripe(offender.hash(self.salt)).withLock { $0.blockEnd(of: offender, at: now) }
    }

    func chargeConnection(of offender: Offender, _ limit: RateLimit, at now: Instant) -> Interval? {
        let hash = offender.hash(self.salt)
        return self.stripe(hash).withLock { $0.chargeConnection(of: offender, hash: hash, limit, at: now) }
    }

    func takeAnswer(of offender: Offender, at now: Instant) -> Bool {
        let hash = offender.hash(self.salt)
        return self.stripe(hash).withLock { $0.takeAnswer(of: offender, hash: hash, at: now) }
    }

    func offend(_ offender: Offender, _ blocking: BlockingPolicy, at now: Instant) -> Instant? {
        self.stripe(offender.hash(self.salt)).withLock { $0.offend(offender, blocking, at: now) }
    }

    func forgive(_ offender: Offender, at now: Instant) {
        self.stripe(offender.hash(self.salt)).withLock { $0.forgive(offender, at: now) }
    }

    /// By the highest bits; the overflow cell is chosen by the lowest.
    private func stripe(_ hash: UInt64) -> SpinLocked<OffenderStripe> { self.stripes[Int(hash >> 60)] }
}
