import HydrogenProtocol

/// What a connection could not send at once, by priority: whole frames, copied, since the loop's buffer is emptied after
/// each pass. Exists only while a peer reads too slowly; its bytes are what `MaxSendQueueBytes` bounds.
struct Backlog {
    /// One waiting frame.
    private struct Frame {
        var byteCount: UInt32
        var kind: FrameKind
    }

    /// The frames of one priority, oldest first.
    private struct Lane {
        var bytes: [UInt8] = []
        var frames: [Frame] = []
        /// How much of `bytes` and of `frames` has left already.
        var sentByteCount = 0
        var sentFrameCount = 0

        var isEmpty: Bool { self.sentFrameCount == self.frames.count }

        mutating func drop(bytes byteCount: Int, frames frameCount: Int) {
            self.sentByteCount += byteCount
            self.sentFrameCount += frameCount
            if self.isEmpty {
                self.bytes.removeAll(keepingCapacity: false)
                self.frames.removeAll(keepingCapacity: false)
                self.sentByteCount = 0
                self.sentFrameCount = 0
            } else if self.sentByteCount > 65_536, self.sentByteCount * 2 > self.bytes.count {
                // Moving the rest down costs at most what was sent since the last time.
                self.bytes.removeFirst(self.sentByteCount)
                self.frames.removeFirst(self.sentFrameCount)
                self.sentByteCount = 0
                self.sentFrameCount = 0
            }
        }
    }

    private(set) var byteCount = 0
    private var lanes: [Lane] = Array(repeating: Lane(), count: Priority.allCases.count)

    var isEmpty: Bool { self.lanes.allSatisfy(\.isEmpty) }

    /// The priority of what leaves next; nil if nothing waits.
    var mostUrgent: Priority? { Priority.allCases.first { !self.lanes[Int($0.rawValue)].isEmpty } }

    mutating func append(_ frame: Span<UInt8>, _ kind: FrameKind, _ priority: Priority) {
        let lane = Int(priority.rawValue)
        self.byteCount += frame.count
        self.lanes[lane].bytes.append(frame)
        self.lanes[lane].frames.append(Frame(byteCount: UInt32(frame.count), kind: kind))
    }

    /// Drops the oldest frames of low priority until `byteCount` bytes are gone or none is left.
    /// - Returns: bytes and frames that were dropped.
    mutating func dropLow(atLeast byteCount: Int) -> (byteCount: Int, frameCount: Int) {
        let lane = Int(Priority.low.rawValue)
        var bytes = 0
        var frames = 0
        while bytes < byteCount, self.lanes[lane].sentFrameCount + frames < self.lanes[lane].frames.count {
            bytes += Int(self.lanes[lane].frames[self.lanes[lane].sentFrameCount + frames].byteCount)
            frames += 1
        }
        self.lanes[lane].drop(bytes: bytes, frames: frames)
        self.byteCount -= bytes
        return (bytes, frames)
    }

    /// Offers the most urgent whole frames, at most `maximum` bytes of them (one frame always), to `write`.
    /// - Parameter sent: called for each frame that was taken, with its size.
    mutating func writeBatch(
        maximum: Int, _ write: (Span<UInt8>) -> WriteOutcome, sent: (FrameKind, Int) -> Void
    ) -> WriteOutcome {
        for lane in self.lanes.indices where !self.lanes[lane].isEmpty {
            let batch = self.batch(of: lane, maximum: maximum)
            let start = self.lanes[lane].sentByteCount
            let bytes = self.lanes[lane].bytes
            let outcome = write(bytes.span.extracting(start..<start + batch.byteCount))
            guard case .taken = outcome else { return outcome }
            let firstFrame = self.lanes[lane].sentFrameCount
            for frame in self.lanes[lane].frames[firstFrame..<firstFrame + batch.frameCount] {
                sent(frame.kind, Int(frame.byteCount))
            }
            self.lanes[lane].drop(bytes: batch.byteCount, frames: batch.frameCount)
            self.byteCount -= batch.byteCount
            return .taken
        }
        return .taken
    }

    private func batch(of lane: Int, maximum: Int) -> (byteCount: Int, frameCount: Int) {
        var bytes = 0
        var frames = 0
        for frame in self.lanes[lane].frames[self.lanes[lane].sentFrameCount...] {
            if frames > 0, bytes + Int(frame.byteCount) > maximum { break }
            bytes += Int(frame.byteCount)
            frames += 1
        }
        return (bytes, frames)
    }
}
