import HydrogenCrypto
import HydrogenProtocol

/// The ids of one connection's signed commands, remembered as long as their time stamps would let them pass again.
struct ReplayTable {
    static let maximumCount = 4096

    enum Verdict: Equatable {
        case new
        /// The id was used with a right signature.
        case repeated
        /// Nothing can be remembered before this time.
        case full(until: WallTime)
    }

    private struct Entry {
        var timestamp: WallTime
        var id: Digest
    }

    /// The digests of the ids: of the same size, however long the ids are.
    private var known: Set<Digest> = []
    /// By time stamp, the earliest first.
    private var entries: [Entry] = []
    /// The latest time stamp of an id that was forgotten. Whether one of up to this was used cannot be told any more,
    /// though the wall clock be set back or the window be widened.
    private var forgottenThrough: WallTime?

    var count: Int { self.entries.count }

    /// Whether ids of this time stamp may have been forgotten.
    func mayHaveForgotten(_ timestamp: WallTime) -> Bool { self.forgottenThrough.map { timestamp <= $0 } ?? false }

    /// Remembers an id until its time stamp is farther than `window` in the past.
    mutating func record(_ id: Span<UInt8>, at timestamp: WallTime, window: Interval, now: WallTime) -> Verdict {
        self.forget(before: WallTime(milliseconds: now.milliseconds - window.milliseconds))
        let digest = SHA256.hash(id)
        if self.known.contains(digest), !KnownBug.replayForgotten.isLoose { return .repeated }
        guard self.entries.count < Self.maximumCount else {
            return .full(
                until: WallTime(milliseconds: self.entries[0].timestamp.milliseconds + window.milliseconds + 1))
        }
        self.known.insert(digest)
        // Most come in the order of their time stamps.
        var place = self.entries.count
        while place > 0, timestamp < self.entries[place - 1].timestamp { place -= 1 }
        self.entries.insert(Entry(timestamp: timestamp, id: digest), at: place)
        return .new
    }

    private mutating func forget(before earliest: WallTime) {
        var count = 0
        while count < self.entries.count, self.entries[count].timestamp < earliest {
            self.known.remove(self.entries[count].id)
            count += 1
        }
        guard count > 0 else { return }
        self.forgottenThrough = max(self.forgottenThrough ?? self.entries[count - 1].timestamp, self.entries[count - 1].timestamp)
        self.entries.removeFirst(count)
    }
}
