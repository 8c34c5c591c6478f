import HydrogenConnection
import HydrogenProtocol

extension Shard {
    /// Queues a frame of this pass for a connection. Who keeps up gets it at the end of the pass; who does not, gets a
    /// copy in its backlog.
    @inline(__always)
    mutating func enqueue(_ frame: ByteRange, _ kind: FrameKind, _ priority: Priority, slot: Int, at now: Moment) {
        guard self.connections[slot].backlog == nil else {
            return self.appendToBacklog(frame, kind, priority, slot: slot, at: now)
        }
        self.enqueue(frame, kind, priority, slot: slot)
    }

    /// Adds a frame to those of this pass.
    @inline(__always)
    mutating func enqueue(_ frame: ByteRange, _ kind: FrameKind, _ priority: Priority, slot: Int) {
        let entry = self.outgoing.append(frame, kind, priority, after: self.connections[slot].lastFrame)
        if self.connections[slot].chain(entry) { self.flushList.append(self.connections.id(ofSlot: slot)) }
    }

    @inline(__always)
    mutating func putOnFlushList(_ slot: Int) {
        guard !self.connections[slot].isOnFlushList else { return }
        self.connections[slot].isOnFlushList = true
        self.flushList.append(self.connections.id(ofSlot: slot))
    }

    /// Copies a frame to the backlog, within `MaxSendQueueBytes`: low priority goes first, then the connection.
    ///
    /// The first frame of an empty backlog is always taken, whatever its size.
    mutating func appendToBacklog(
        _ frame: ByteRange, _ kind: FrameKind, _ priority: Priority, slot: Int, at now: Moment
    ) {
        // What it had is dropped, and so is the rest.
        guard self.connections[slot].machine.closeReason != .connectionOverload else { return }
        var backlog = self.connections[slot].backlog.take() ?? Backlog()
        let excess = backlog.byteCount + frame.count - self.configuration.maxSendQueueBytes
        if excess > 0, backlog.byteCount > 0, !KnownBug.sendQueueUnbounded.isLoose {
            guard priority != .low else {
                self.connections[slot].backlog = backlog
                return self.countDropped(1)
            }
            let dropped = backlog.dropLow(atLeast: excess)
            self.countDropped(dropped.frameCount)
            self.countQueued(-dropped.byteCount)
            guard dropped.byteCount >= excess else {
                self.connections[slot].backlog = backlog
                return self.close(slot, .slowConsumer, because: .connectionSlowConsumer, at: now)
            }
        }
        self.outgoing.withBytes(of: frame, kind) { backlog.append($0, kind, priority) }
        self.connections[slot].backlog = backlog
        self.countQueued(frame.count)
        self.keepWithinBound(at: now)
    }

    mutating func countDropped(_ count: Int) {
        self.counters.add(
            self.metrics.deliveries[ShardMetrics.DeliveryOutcome.dropped.rawValue], Int64(count))
    }

    /// Counts frames that the transport took, which count alike.
    mutating func countSent(
        _ kind: FrameKind, count: Int = 1, payloadByteCount: Int, slot: Int, at now: Instant
    ) {
        switch kind {
        case .response:
            self.counters.add(self.metrics.sent[ShardMetrics.SentType.response.rawValue], Int64(count))
        case .event(let publishedAt):
            self.counters.add(self.metrics.sent[ShardMetrics.SentType.event.rawValue], Int64(count))
            self.counters.add(self.metrics.deliveries[ShardMetrics.DeliveryOutcome.sent.rawValue], Int64(count))
            self.counters.observe(
                self.metrics.deliveryLatency, nanoseconds: (now - publishedAt).nanoseconds, count: Int64(count))
        case .notice:
            self.counters.add(self.metrics.sent[ShardMetrics.SentType.event.rawValue])
        case .control, .guaranteed:
            return
        }
        self.connections[slot].sentCount += UInt64(count)
        self.counters.add(self.metrics.sentBytes[0], Int64(payloadByteCount))
    }
}
