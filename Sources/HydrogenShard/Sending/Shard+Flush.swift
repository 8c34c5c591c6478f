import HydrogenConnection
import HydrogenProtocol

extension Shard {
    /// As many bytes as one write gets, unless one frame alone is larger: what a TLS record and a socket buffer take well.
    static let maximumBatchByteCount = 65_536

    /// Whether so much is due that the driver should not wait for the end of the pass.
    package var isFlushDue: Bool { self.outgoing.byteCount >= 4 * Self.maximumBatchByteCount }

    /// Writes what this pass made due: all frames of a connection together, as few writes as possible.
    package mutating func flush(at now: Moment, write: (ConnectionID, Span<UInt8>) -> WriteOutcome) {
        var index = 0
        // A connection that is closed because of what is written here may join the list.
        while index < self.flushList.count {
            let id = self.flushList[index]
            index += 1
            guard let slot = self.connections.slot(of: id) else { continue }
            self.connections[slot].isOnFlushList = false
            self.flush(slot, id, at: now) { write(id, $0) }
        }
        self.flushList.removeAll(keepingCapacity: true)
        self.outgoing.removeAll()
    }

    /// The transport of a connection can take bytes again.
    package mutating func writable(_ id: ConnectionID, at now: Moment, write: (Span<UInt8>) -> WriteOutcome) {
        guard let slot = self.connections.slot(of: id) else { return }
        self.connections[slot].awaitsWritable = false
        while true {
            if self.areSendingsNext(slot) {
                guard self.writeSendings(slot, id, at: now, write) else { return }
            } else if let backlog = self.connections[slot].backlog, !backlog.isEmpty {
                guard self.writeBacklog(slot, id, at: now.instant, write) else { return }
            } else {
                break
            }
        }
        self.connections[slot].backlog = nil
        self.drained(slot, at: now)
    }

    /// Everything that was queued is written: a closing connection may send its close frame.
    private mutating func drained(_ slot: Int, at now: Moment) {
        guard case .closing = self.connections[slot].machine.kind else { return }
        self.step(.queueDrained, slot: slot, at: now)
    }

    private mutating func flush(
        _ slot: Int, _ id: ConnectionID, at now: Moment, _ write: (Span<UInt8>) -> WriteOutcome
    ) {
        var entry = self.connections[slot].firstFrame
        self.connections[slot].firstFrame = OutgoingFrames.none
        self.connections[slot].lastFrame = OutgoingFrames.none
        guard self.connections[slot].backlog == nil, self.connections[slot].machine.kind.mayWrite else { return }
        while entry != OutgoingFrames.none {
            let end = self.fillBatch(from: entry, slot: slot, at: now)
            let outcome: WriteOutcome
            if self.isWrittenInPlace(entry, end) {
                let frames = self.outgoing.entries[Int(entry)]
                outcome = self.outgoing.withBytes(of: frames.frames, frames.kind, write)
            } else {
                outcome = self.batch.isEmpty ? .taken : write(self.batch.span)
            }
            switch outcome {
            case .taken:
                self.countSent(from: entry, to: end, slot: slot, at: now.instant)
                entry = end
            case .choked:
                self.keep(from: entry, slot: slot, at: now)
                return self.requestWritable(slot, id)
            case .failed:
                return
            }
        }
        self.drained(slot, at: now)
    }

    /// Puts whole frames of a chain together, the most urgent first if they differ, until the batch is full.
    /// - Returns: the first entry that is not in the batch.
    private mutating func fillBatch(from first: UInt32, slot: Int, at now: Moment) -> UInt32 {
        let end = self.endOfBatch(from: first, slot: slot)
        guard !self.isWrittenInPlace(first, end) else { return end }
        self.batch.removeAll(keepingCapacity: true)
        self.composed.removeAll(keepingCapacity: true)
        for priority in Priority.allCases {
            var entry = first
            while entry != end {
                let frame = self.outgoing.entries[Int(entry)]
                if frame.priority == priority {
                    if case .guaranteed = frame.kind {
                        self.compose(self.composed.count, slot: slot, at: now)
                    } else {
                        self.outgoing.copy(frame, to: &self.batch)
                    }
                }
                entry = frame.next
            }
        }
        return end
    }

    /// Frames side by side are written from where they lie; that of a sending lies nowhere yet.
    private func isWrittenInPlace(_ first: UInt32, _ end: UInt32) -> Bool {
        guard self.outgoing.entries[Int(first)].next == end else { return false }
        if case .guaranteed = self.outgoing.entries[Int(first)].kind { return false }
        return true
    }

    private func endOfBatch(from first: UInt32, slot: Int) -> UInt32 {
        var sendingCount = 0
        var byteCount = self.byteCount(of: first, slot: slot, &sendingCount)
        var entry = self.outgoing.entries[Int(first)].next
        while entry != OutgoingFrames.none {
            byteCount += self.byteCount(of: entry, slot: slot, &sendingCount)
            if byteCount > Self.maximumBatchByteCount { break }
            entry = self.outgoing.entries[Int(entry)].next
        }
        return entry
    }

    /// - Parameter sendingCount: sendings that stand before it in the batch.
    private func byteCount(of entry: UInt32, slot: Int, _ sendingCount: inout Int) -> Int {
        guard case .guaranteed = self.outgoing.entries[Int(entry)].kind else {
            return self.outgoing.entries[Int(entry)].frames.count
        }
        sendingCount += 1
        return self.connections[slot].sendings[sendingCount - 1]?.byteCount ?? 0
    }

    private mutating func countSent(from first: UInt32, to end: UInt32, slot: Int, at now: Instant) {
        var entry = first
        var sendingCount = 0
        while entry != end {
            let sent = self.outgoing.entries[Int(entry)]
            entry = sent.next
            if case .guaranteed = sent.kind {
                self.sendingTaken(self.composed[sendingCount], slot: slot, at: now)
                sendingCount += 1
                continue
            }
            self.countSent(
                sent.kind, count: Int(sent.frameCount), payloadByteCount: Int(sent.payloadByteCount), slot: slot,
                at: now)
        }
    }

    /// Keeps what could not be sent: the loop's buffer is emptied after the pass.
    private mutating func keep(from first: UInt32, slot: Int, at now: Moment) {
        var entry = first
        while entry != OutgoingFrames.none {
            let frame = self.outgoing.entries[Int(entry)]
            entry = frame.next
            // Sendings stay where they are.
            if case .guaranteed = frame.kind { continue }
            var frames = frame.frames
            while !frames.isEmpty {
                let (first, rest) = self.outgoing.split(frames, frame.kind)
                self.appendToBacklog(first, frame.kind, frame.priority, slot: slot, at: now)
                frames = rest
            }
        }
        if self.connections[slot].backlog == nil { self.connections[slot].backlog = Backlog() }
    }

    mutating func requestWritable(_ slot: Int, _ id: ConnectionID) {
        guard !self.connections[slot].awaitsWritable else { return }
        self.connections[slot].awaitsWritable = true
        self.effects.append(.requestWritable(id))
    }

    /// Writes one batch of the backlog.
    /// - Returns: whether more can be tried.
    private mutating func writeBacklog(
        _ slot: Int, _ id: ConnectionID, at now: Instant, _ write: (Span<UInt8>) -> WriteOutcome
    ) -> Bool {
        guard var backlog = self.connections[slot].backlog.take() else { return false }
        let before = backlog.byteCount
        let outcome = backlog.writeBatch(maximum: Self.maximumBatchByteCount, write) { kind, byteCount in
            self.countSent(
                kind, payloadByteCount: FrameHeader.payloadCount(ofFrame: byteCount), slot: slot, at: now)
        }
        self.connections[slot].backlog = backlog
        self.countQueued(backlog.byteCount - before)
        switch outcome {
        case .taken:
            return true
        case .choked:
            self.requestWritable(slot, id)
            return false
        case .failed:
            return false
        }
    }
}

extension ConnectionStateMachine.Kind {
    /// Whether frames may go out: in service, and what was queued when the end began.
    fileprivate var mayWrite: Bool { self.isInService || self == .closing }
}
