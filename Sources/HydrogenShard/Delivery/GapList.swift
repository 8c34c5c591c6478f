/// The offsets of a session that will never be delivered, and of which its client does not know for sure.
struct GapList {
    /// Offsets from `from` to `to`, both dead.
    struct Gap: Equatable {
        var from: Int64
        var to: Int64
        /// Whether it was told on the connection that the session has now.
        var isTold = false
        /// An ack of this offset, or of a higher one, shows that the gap was told before it: what was first sent after
        /// the gap arose.
        var knownFrom: Int64
    }

    /// More are possible only where a client acks events one by one and leaves out every other one. Beyond them the
    /// lowest is told no more.
    static let maximumCount = 256

    /// In the order of offsets, apart from each other.
    private(set) var gaps: [Gap] = []

    var isEmpty: Bool { self.gaps.isEmpty }

    /// An offset is dead.
    /// - Parameter nextSending: the next offset that will be sent for the first time.
    mutating func add(_ offset: Int64, nextSending: Int64) {
        let index = self.gaps.firstIndex { $0.from > offset } ?? self.gaps.count
        if index > 0, self.gaps[index - 1].to == offset - 1, !self.gaps[index - 1].isTold {
            self.gaps[index - 1].to = offset
            self.gaps[index - 1].knownFrom = nextSending
            return
        }
        self.gaps.insert(Gap(from: offset, to: offset, knownFrom: nextSending), at: index)
        if self.gaps.count > Self.maximumCount { self.gaps.removeFirst() }
    }

    /// A gap of before a restart; they come in order.
    mutating func restore(_ offsets: ClosedRange<Int64>) {
        self.gaps.append(Gap(from: offsets.lowerBound, to: offsets.upperBound, knownFrom: offsets.upperBound + 1))
    }

    /// Everything up to this offset was acknowledged: a gap there is known, and one that goes on beyond it begins later.
    mutating func acked(through offset: Int64) {
        self.gaps.removeAll { $0.to <= offset }
        if let first = self.gaps.first, first.from <= offset { self.gaps[0].from = offset + 1 }
    }

    /// One event was acknowledged: gaps that were told before it was sent are known.
    /// - Returns: these.
    mutating func acked(_ offset: Int64) -> [ClosedRange<Int64>] {
        var known: [ClosedRange<Int64>] = []
        self.gaps.removeAll { gap in
            guard gap.to < offset, gap.isTold, gap.knownFrom <= offset else { return false }
            known.append(gap.from...gap.to)
            return true
        }
        return known
    }

    /// The first gap below an offset that is not told yet; it counts as told from now on.
    mutating func tell(below offset: Int64) -> Gap? {
        for index in self.gaps.indices where !self.gaps[index].isTold {
            guard self.gaps[index].to < offset else { return nil }
            return self.tell(at: index)
        }
        return nil
    }

    /// The gap that ends with an offset, which is told where that stood in the queue of the connection.
    mutating func tellInPlace(of offset: Int64) -> Gap? {
        guard let index = self.gaps.firstIndex(where: { $0.to == offset && !$0.isTold }) else { return nil }
        self.gaps[index].knownFrom = offset + 1
        return self.tell(at: index)
    }

    /// What is told joins a told neighbour: a client that acknowledges nothing is told of one dead letter after the other.
    private mutating func tell(at index: Int) -> Gap {
        self.gaps[index].isTold = true
        let told = self.gaps[index]
        if index + 1 < self.gaps.count { self.join(index + 1) }
        if index > 0 { self.join(index) }
        return told
    }

    /// Makes one of a told gap and the one before it, where nothing lies between them.
    private mutating func join(_ index: Int) {
        let (before, gap) = (self.gaps[index - 1], self.gaps[index])
        guard before.isTold, gap.isTold, before.to == gap.from - 1 else { return }
        self.gaps[index - 1].to = gap.to
        self.gaps[index - 1].knownFrom = max(before.knownFrom, gap.knownFrom)
        self.gaps.remove(at: index)
    }

    /// The gap that an offset lies in.
    func gap(at offset: Int64) -> Gap? { self.gaps.first { $0.from <= offset && $0.to >= offset } }

    /// The connection is gone: all are told again on the next one. Neighbours become one.
    mutating func forgetTelling() {
        var merged: [Gap] = []
        for var gap in self.gaps {
            gap.isTold = false
            gap.knownFrom = gap.to + 1
            if let last = merged.last, last.to == gap.from - 1 {
                merged[merged.count - 1].to = gap.to
                merged[merged.count - 1].knownFrom = gap.knownFrom
            } else {
                merged.append(gap)
            }
        }
        self.gaps = merged
    }
}
