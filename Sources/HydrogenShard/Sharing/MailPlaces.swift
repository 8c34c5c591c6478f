import HydrogenProtocol
import Synchronization

/// The places of every loop's mailbox. A place is reserved before anything is posted, so that a post never finds a full
/// mailbox and a publish never reaches only some of the loops.
///
/// Three purses per loop keep one kind of mail from starving another: `events` (publishes, what answers them, blocks,
/// and what the server API asks), `sessions` (between the home of a session and other loops) and `control` (reloads and
/// the drain, which must get through). The answers of services and of the store have places of their own, which the loop
/// that asked keeps count of by itself (`ServiceQuota`, `StoreBatch.maximumInFlight`).
package final class MailPlaces: Sendable {
    package enum Purse: Int, Sendable, CaseIterable { case events, sessions, control }

    /// Names of places free, by loop and purse.
    private let free: [Counter]
    package let loopCount: Int
    private let sizes: [Int]
    private let answerCount: Int

    private final class Counter: Sendable {
        let value: Atomic<Int>
        init(_ value: Int) { self.value = Atomic(value) }
    }

    /// - Parameters:
    ///   - eventCount, sessionCount, controlCount: places of each purse of each loop.
    ///   - answerCount: places that services' answers need at each loop.
    package init(loopCount: Int, eventCount: Int, sessionCount: Int = 1024, answerCount: Int, controlCount: Int) {
        self.loopCount = loopCount
        self.sizes = [eventCount, sessionCount, controlCount]
        self.answerCount = answerCount
        let sizes = self.sizes
        self.free = (0..<loopCount).flatMap { _ in sizes.map { Counter($0) } }
    }

    /// How many messages a mailbox must hold.
    package var mailboxCapacity: Int { self.sizes.reduce(self.answerCount + StoreBatch.maximumInFlight, +) }

    /// Takes places, all or none.
    package func reserve(_ count: Int = 1, of purse: Purse, at loop: LoopIndex) -> Bool {
        let counter = self.free[loop * Purse.allCases.count + purse.rawValue]
        let before = counter.value.wrappingSubtract(count, ordering: .acquiringAndReleasing).oldValue
        if before >= count { return true }
        counter.value.wrappingAdd(count, ordering: .releasing)
        return false
    }

    /// Gives places back: after a message was taken out of the mailbox, or when it is not posted after all.
    package func release(_ count: Int = 1, of purse: Purse, at loop: LoopIndex) {
        self.free[loop * Purse.allCases.count + purse.rawValue].value.wrappingAdd(count, ordering: .releasing)
    }

    /// Takes a place in every loop's mailbox but one's own, all or none.
    package func reserveEverywhere(_ count: Int = 1, of purse: Purse, except own: LoopIndex?) -> Bool {
        for loop in 0..<self.loopCount where loop != own {
            if self.reserve(count, of: purse, at: loop) { continue }
            for taken in 0..<loop where taken != own { self.release(count, of: purse, at: taken) }
            return false
        }
        return true
    }

    /// Messages waiting, or announced, at a loop.
    package func takenCount(at loop: LoopIndex) -> Int {
        Purse.allCases.reduce(0) { sum, purse in
            let counter = self.free[loop * Purse.allCases.count + purse.rawValue]
            return sum + self.sizes[purse.rawValue] - counter.value.load(ordering: .relaxed)
        }
    }
}

extension Mail {
    /// Which purse the place of this message was taken from; nil for the answers of services and of the store.
    package var purse: MailPlaces.Purse? {
        switch self {
        case .event, .receivers, .claimKey, .keyVerdict, .settleKey, .prepare, .prepared, .decided, .publish,
            .identityBlocked, .disconnect, .describe, .describeSessions, .describeBlocks, .liftBlocks, .ticket,
            .refusedElsewhere, .limitedElsewhere:
            .events
        case .link, .expireLongestDetached: .sessions
        case .answer, .stored: nil
        case .keys, .policy, .drain: .control
        case .stamped(let mail, _): mail.purse
        }
    }
}
