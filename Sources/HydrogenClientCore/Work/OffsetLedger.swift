import HydrogenProtocol

/// Which guaranteed events of a session were delivered, handled and acknowledged.
///
/// First sendings come in the order of offsets, so one number tells what arrived: everything up to `highest` did, or
/// was given up. Of these, `outstanding` is not handled yet.
package struct OffsetLedger: Sendable {
    /// Everything up to here was delivered, or will never be.
    package private(set) var highest: Int64 = 0
    /// Delivered and not handled, ascending.
    package private(set) var outstanding: [Int64] = []
    /// Of the outstanding ones, those that nobody handles any more: they are taken once more when they come again.
    private var returned: [Int64] = []
    /// Gaps beyond what arrived so far, ascending.
    private var gaps: [OffsetGap] = []
    /// The floor that the server was told.
    private var acknowledged: Int64 = 0
    /// Handled while an earlier one is not: these go by id.
    package private(set) var handledAhead: [HandledEvent] = []
    /// Handled since the last acknowledgement.
    package private(set) var handledCount: Int32 = 0

    /// Gaps that the server may tell ahead of the events before them.
    static let maximumGapCount = 1024

    package init() {}

    /// An event that is acknowledged by id.
    package struct HandledEvent: Sendable {
        package var offset: Int64
        package var id: [UInt8]
    }

    /// What an offset that arrives is.
    enum Arrival: Equatable {
        /// Never seen before, or given back.
        case new
        /// Never seen before, and others before it are missing that nobody told about.
        case newAfter(OffsetGap)
        /// Delivered before, and not handled yet.
        case repeatedOutstanding
        /// Handled before: the acknowledgement was lost.
        case repeatedHandled
    }

    /// Everything up to here is handled, or will never be delivered.
    package var floor: Int64 { (self.outstanding.first ?? self.highest + 1) - 1 }

    /// Whether there is something to tell the server.
    var isAcknowledgementDue: Bool { self.floor > self.acknowledged || !self.handledAhead.isEmpty }

    mutating func arrived(_ offset: Int64) -> Arrival {
        guard offset > self.highest else {
            guard self.index(of: offset) != nil else { return .repeatedHandled }
            guard let place = self.returned.firstIndex(of: offset) else { return .repeatedOutstanding }
            self.returned.remove(at: place)
            return .new
        }
        let missing = OffsetGap(from: self.highest + 1, to: offset - 1, isAnnounced: false)
        self.highest = offset
        self.outstanding.append(offset)
        self.absorbGaps()
        return missing.from > missing.to ? .new : .newAfter(missing)
    }

    /// Takes a gap that the server tells.
    ///
    /// - Returns: What of it is news; nil where everything is known.
    mutating func told(_ gap: OffsetGap) -> OffsetGap? {
        let news = OffsetGap(from: max(gap.from, self.highest + 1), to: gap.to, isAnnounced: true)
        guard news.from <= news.to, !self.gaps.contains(where: { $0.from <= news.from && $0.to >= news.to }) else {
            return nil
        }
        let place = self.gaps.firstIndex { $0.from > news.from } ?? self.gaps.count
        self.gaps.insert(news, at: place)
        self.absorbGaps()
        return news
    }

    var hasTooManyGaps: Bool { self.gaps.count > Self.maximumGapCount }

    /// Passes over the gaps that begin where the arrived ones end.
    private mutating func absorbGaps() {
        while let gap = self.gaps.first, gap.from <= self.highest + 1 {
            self.highest = max(self.highest, gap.to)
            self.gaps.removeFirst()
        }
    }

    /// The caller has handled an event. Once more does no harm.
    mutating func handled(_ offset: Int64, id: Span<UInt8>) {
        guard let index = self.index(of: offset) else { return }
        self.outstanding.remove(at: index)
        self.returned.removeAll { $0 == offset }
        self.handledCount += 1
        if index > 0 { self.handledAhead.append(HandledEvent(offset: offset, id: [UInt8](id))) }
        self.dropCovered()
    }

    /// The caller will not handle an event that it was given.
    mutating func returned(_ offset: Int64) {
        guard self.index(of: offset) != nil, !self.returned.contains(offset) else { return }
        self.returned.append(offset)
    }

    /// The server has sent again what was handled: it is to be told again.
    mutating func isRepeated(_ offset: Int64, id: Span<UInt8>) {
        if offset <= self.floor {
            self.acknowledged = min(self.acknowledged, offset - 1)
        } else if !self.handledAhead.contains(where: { $0.offset == offset }) {
            self.handledAhead.append(HandledEvent(offset: offset, id: [UInt8](id)))
        }
    }

    /// What was told may not have been heard.
    mutating func forgetAcknowledged() { self.acknowledged = 0 }

    /// The floor to tell, if it is to be told. It counts as told.
    mutating func takeFloor() -> Int64? {
        self.handledCount = 0
        guard self.floor > self.acknowledged else { return nil }
        self.acknowledged = self.floor
        return self.floor
    }

    /// The next event to tell by its id. It counts as told.
    mutating func takeHandledAhead() -> HandledEvent? { self.handledAhead.popLast() }

    /// The floor tells of these.
    private mutating func dropCovered() {
        guard !self.handledAhead.isEmpty else { return }
        let floor = self.floor
        self.handledAhead.removeAll { $0.offset <= floor }
    }

    private func index(of offset: Int64) -> Int? {
        var low = 0
        var high = self.outstanding.count
        while low < high {
            let middle = (low + high) / 2
            if self.outstanding[middle] < offset { low = middle + 1 } else { high = middle }
        }
        return low < self.outstanding.count && self.outstanding[low] == offset ? low : nil
    }
}
