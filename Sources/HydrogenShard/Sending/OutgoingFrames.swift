import HydrogenProtocol

/// What a frame is, for the counters.
enum FrameKind {
    case response
    case event(publishedAt: Instant)
    /// The next of the connection's sendings, whichever it is by then: such an entry keeps the place, and has no bytes.
    case guaranteed
    /// An event of this connection alone, which nobody published: `system/session`.
    case notice
    /// A ping.
    case control

    /// Whether its bytes are among those that several connections get.
    @inline(__always)
    var isShared: Bool {
        switch self {
        case .event: true
        case .response, .guaranteed, .notice, .control: false
        }
    }

    /// Whether a later frame counts alike, so that both can be counted together. The latency of events is that of the
    /// first one then: at most a millisecond too much.
    @inline(__always)
    func countsAs(_ other: FrameKind) -> Bool {
        switch (self, other) {
        case (.response, .response): true
        case (.event(let time), .event(let otherTime)): (0..<1_000_000).contains(otherTime.nanoseconds - time.nanoseconds)
        case (.response, _), (.event, _), (.guaranteed, _), (.notice, _), (.control, _): false
        }
    }
}

/// The frames that this pass of the loop made due: their bytes once, however many connections they go to, and a short
/// chain of entries per connection. Emptied at the end of each pass; what a connection could not take is copied to its
/// backlog then.
///
/// Events have a buffer of their own, so that those which follow each other lie side by side, whatever is answered to
/// their publishers in between. Frames that lie side by side and count alike make one entry: such a chain is written from
/// where it lies, and counted at once.
struct OutgoingFrames {
    /// The end of a chain.
    static let none = UInt32.max

    /// Frames side by side that one connection is to get, most often one.
    struct Entry {
        var frames: ByteRange
        var frameCount: UInt32
        /// What all of them carry.
        var payloadByteCount: UInt32
        /// The next entry of the same connection, or `none`.
        var next: UInt32
        var kind: FrameKind
        var priority: Priority
    }

    /// What is being built for one connection is appended here, between `beginFrame` and `endFrame`.
    var bytes: [UInt8] = []
    /// What is shared.
    private var sharedBytes: [UInt8] = []
    private(set) var entries: [Entry] = []

    /// Frames that lie side by side are one entry up to so many bytes.
    private let maximumEntryByteCount: Int

    init(maximumEntryByteCount: Int) { self.maximumEntryByteCount = maximumEntryByteCount }

    var byteCount: Int { self.bytes.count + self.sharedBytes.count }

    /// Starts a frame; its payload is appended to `bytes` next.
    /// - Returns: what `endFrame` wants to know.
    @inline(__always)
    mutating func beginFrame() -> Int { FrameHeader.reserve(in: &self.bytes) }

    /// Ends the frame that `beginFrame` started.
    /// - Returns: where it stands, header and payload.
    @inline(__always)
    mutating func endFrame(_ opcode: FrameHeader.Opcode, _ payloadStart: Int) -> ByteRange {
        let start = FrameHeader.complete(opcode, payloadStart: payloadStart, in: &self.bytes)
        return ByteRange(start, self.bytes.count)
    }

    /// Builds the frame of an event, which any number of connections may get.
    mutating func appendEvent(_ body: [UInt8], _ tail: EventTail) -> ByteRange {
        let start = FrameHeader.reserve(in: &self.sharedBytes)
        self.sharedBytes.append(contentsOf: body)
        EnvelopeWriter.appendEventTail(tail, to: &self.sharedBytes)
        return ByteRange(
            FrameHeader.complete(.text, payloadStart: start, in: &self.sharedBytes), self.sharedBytes.count)
    }

    /// Adds a frame to the chain that ends with `last`.
    /// - Returns: the index of its entry.
    @inline(__always)
    mutating func append(
        _ frame: ByteRange, _ kind: FrameKind, _ priority: Priority, after last: UInt32
    ) -> UInt32 {
        let payloadByteCount = UInt32(truncatingIfNeeded: FrameHeader.payloadCount(ofFrame: frame.count))
        if last != Self.none {
            if self.extend(Int(last), by: frame, payloadByteCount, kind, priority) { return last }
            self.entries[Int(last)].next = UInt32(self.entries.count)
        }
        self.entries.append(
            Entry(
                frames: frame, frameCount: 1, payloadByteCount: payloadByteCount, next: Self.none, kind: kind,
                priority: priority))
        return UInt32(self.entries.count - 1)
    }

    /// Makes a frame part of an entry, if it lies right behind it and counts alike.
    @inline(__always)
    private mutating func extend(
        _ index: Int, by frame: ByteRange, _ payloadByteCount: UInt32, _ kind: FrameKind, _ priority: Priority
    ) -> Bool {
        let entry = self.entries[index]
        guard entry.frames.upperBound == frame.lowerBound, entry.priority.rawValue == priority.rawValue,
            entry.kind.countsAs(kind), entry.frames.count + frame.count <= self.maximumEntryByteCount
        else { return false }
        self.entries[index].frames.upperBound = frame.upperBound
        self.entries[index].frameCount &+= 1
        self.entries[index].payloadByteCount &+= payloadByteCount
        return true
    }

    /// Hands out the bytes of frames of a kind.
    @inline(__always)
    func withBytes<Result>(of frames: ByteRange, _ kind: FrameKind, _ body: (Span<UInt8>) -> Result) -> Result {
        kind.isShared
            ? body(self.sharedBytes.span.extracting(frames.indices)) : body(self.bytes.span.extracting(frames.indices))
    }

    /// Appends frames to a buffer in which several entries leave together.
    @inline(__always)
    func copy(_ entry: Entry, to batch: inout [UInt8]) {
        self.withBytes(of: entry.frames, entry.kind) { batch.append($0) }
    }

    /// The first frame of an entry, and the rest of it.
    func split(_ frames: ByteRange, _ kind: FrameKind) -> (first: ByteRange, rest: ByteRange) {
        let count = self.withBytes(of: frames, kind) { FrameHeader.frameCount(at: 0, in: $0) }
        let end = Int(frames.lowerBound) + count
        return (ByteRange(Int(frames.lowerBound), end), ByteRange(end, Int(frames.upperBound)))
    }

    mutating func removeAll() {
        self.bytes.removeAll(keepingCapacity: true)
        if !self.sharedBytes.isEmpty { self.sharedBytes.removeAll(keepingCapacity: true) }
        self.entries.removeAll(keepingCapacity: true)
    }
}

extension FrameHeader {
    /// The bytes, header and payload, of the frame of ours that begins at an offset.
    static func frameCount(at offset: Int, in bytes: Span<UInt8>) -> Int {
        let short = Int(bytes[offset + 1])
        guard short >= 126 else { return 2 + short }
        let digitCount = short == 126 ? 2 : 8
        var count = 0
        for index in 0..<digitCount { count = count << 8 | Int(bytes[offset + 2 + index]) }
        return 2 + digitCount + count
    }

    /// The payload of a frame of this size: the inverse of `count(payloadCount:)` and the payload together.
    static func payloadCount(ofFrame byteCount: Int) -> Int {
        byteCount < 128 ? byteCount - 2 : byteCount <= 0xffff + 4 ? byteCount - 4 : byteCount - 10
    }
}
