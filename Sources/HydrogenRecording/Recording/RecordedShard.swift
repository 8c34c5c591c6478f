import HydrogenProtocol
import HydrogenShard

/// A shard whose every input is written down, with a digest of what came of it: all that a replay needs to do the same
/// again, and to tell whether it did.
package struct RecordedShard: ~Copyable {
    private var shard: Shard
    private let recorder: LoopRecorder

    /// - Parameter shard: made with the recorder's tape.
    package init(_ shard: consuming Shard, _ recorder: LoopRecorder) {
        self.shard = shard
        self.recorder = recorder
    }

    deinit {
        self.endBlock()
    }

    /// Whether the next call is written down; what has grown too large is handed over before it.
    private func isRecording() -> Bool {
        if self.recorder.isFull { self.endBlock() }
        return self.recorder.isOn
    }

    private func endBlock() {
        let recorder = self.recorder
        self.shard.withCounters { recorder.endBlock($0) }
    }

    package var connectionCount: Int { self.shard.connectionCount }
    package var entropyNeededCount: Int { self.shard.entropyNeededCount }
    package var isFlushDue: Bool { self.shard.isFlushDue }
    package var hasEffects: Bool { self.shard.hasEffects }
    package var nextTimeout: Instant? { self.shard.nextTimeout }
    package var nextDeadline: Instant? { mutating get { self.shard.nextDeadline } }

    package mutating func nextEffect() -> Effect? {
        guard let effect = self.shard.nextEffect() else { return nil }
        guard self.recorder.isOn else { return effect }
        self.recorder.came(of: effect)
        guard case .post(let mail, let loop) = effect else { return effect }
        return .post(.stamped(mail, self.recorder.nextStamp()), to: loop)
    }

    package mutating func accepted(_ peer: PeerAddress, at now: Moment) -> ConnectionID? {
        let isRecorded = self.isRecording()
        if isRecorded {
            self.recorder.begin(.accepted, at: now)
            self.recorder.append(peer)
        }
        let id = self.shard.accepted(peer, at: now)
        if isRecorded { self.recorder.returned { $0.append(id) } }
        return id
    }

    package mutating func requested(
        _ request: HandshakeRequest, on id: ConnectionID, at now: Moment
    ) -> HandshakeDecision {
        let isRecorded = self.isRecording()
        if isRecorded {
            self.recorder.begin(.requested, id, at: now)
            self.recorder.append(request)
        }
        let decision = self.shard.requested(request, on: id, at: now)
        if isRecorded { self.recorder.returned { decision.encode(to: &$0) } }
        return decision
    }

    package mutating func upgraded(_ id: ConnectionID, at now: Moment) {
        if self.isRecording() { self.recorder.begin(.upgraded, id, at: now) }
        self.shard.upgraded(id, at: now)
    }

    package mutating func received(
        _ bytes: Span<UInt8>, _ fragment: Fragment, on id: ConnectionID, at now: Moment
    ) {
        if self.isRecording() {
            self.recorder.begin(.received, id, at: now)
            self.recorder.append(bytes, fragment, on: id)
        }
        self.shard.received(bytes, fragment, on: id, at: now)
    }

    package mutating func pongReceived(on id: ConnectionID, at now: Moment) {
        if self.isRecording() { self.recorder.begin(.pongReceived, id, at: now) }
        self.shard.pongReceived(on: id, at: now)
    }

    package mutating func closeReceived(_ code: UInt16?, on id: ConnectionID, at now: Moment) {
        if self.isRecording() {
            self.recorder.begin(.closeReceived, id, at: now)
            self.recorder.append(code)
        }
        self.shard.closeReceived(code, on: id, at: now)
    }

    package mutating func framingFailed(_ code: CloseCode, on id: ConnectionID, at now: Moment) {
        if self.isRecording() {
            self.recorder.begin(.framingFailed, id, at: now)
            self.recorder.append(code)
        }
        self.shard.framingFailed(code, on: id, at: now)
    }

    package mutating func transportEnded(_ id: ConnectionID, _ reason: TransportEnd, at now: Moment) {
        if self.isRecording() {
            self.recorder.begin(.transportEnded, id, at: now)
            self.recorder.append(reason)
        }
        self.shard.transportEnded(id, reason, at: now)
    }

    package mutating func deliver(_ mail: consuming Mail, at now: Moment) {
        if self.isRecording() { self.record(mail, at: now) }
        self.shard.deliver(mail, at: now)
    }

    private func record(_ mail: Mail, at now: Moment) {
        if case .stamped(_, let stamp) = mail {
            self.recorder.begin(.deliverStamped, at: now)
            self.recorder.append(stamp)
        } else if let kind = RecordedMailKind(mail) {
            self.recorder.begin(.deliver, at: now)
            self.recorder.append(kind, mail)
        } else {
            // The recording of the loop that posted it has ended, and this one's ends with it.
            self.endBlock()
            self.recorder.end()
        }
    }

    package mutating func supply(entropy: Span<UInt8>) {
        if self.isRecording() {
            self.recorder.beginRecord(.supply)
            self.recorder.append(entropy: entropy)
        }
        self.shard.supply(entropy: entropy)
    }

    package mutating func restore(_ state: RestoredState, at now: Moment) {
        if self.isRecording() {
            self.recorder.begin(.restore, at: now)
            self.recorder.append(state)
        }
        self.shard.restore(state, at: now)
    }

    package mutating func advance(to now: Moment) {
        if self.isRecording() { self.recorder.begin(.advance, at: now) }
        self.shard.advance(to: now)
    }

    /// How long the work of a pass took. A block that has waited is handed over now.
    package mutating func passed(in duration: Interval) {
        let isRecorded = self.isRecording()
        if isRecorded {
            self.recorder.beginRecord(.passed)
            self.recorder.append(duration)
        }
        self.shard.passed(in: duration)
        if isRecorded, self.recorder.isDueAtEndOfPass { self.endBlock() }
    }
}

/// The calls that write.
extension RecordedShard {
    package mutating func writable(_ id: ConnectionID, at now: Moment, write: (Span<UInt8>) -> WriteOutcome) {
        guard self.isRecording() else { return self.shard.writable(id, at: now, write: write) }
        let recorder = self.recorder
        recorder.begin(.writable, id, at: now)
        self.shard.writable(id, at: now) { bytes in
            let outcome = write(bytes)
            recorder.wrote(bytes, to: id, outcome)
            return outcome
        }
    }

    package mutating func endTurn(at now: Moment, write: (ConnectionID, Span<UInt8>) -> WriteOutcome) {
        guard self.isRecording() else { return self.shard.endTurn(at: now, write: write) }
        let recorder = self.recorder
        recorder.begin(.endTurn, at: now)
        self.shard.endTurn(at: now) { id, bytes in
            let outcome = write(id, bytes)
            recorder.wrote(bytes, to: id, outcome)
            return outcome
        }
    }

    package mutating func flush(at now: Moment, write: (ConnectionID, Span<UInt8>) -> WriteOutcome) {
        guard self.isRecording() else { return self.shard.flush(at: now, write: write) }
        let recorder = self.recorder
        recorder.begin(.flush, at: now)
        self.shard.flush(at: now) { id, bytes in
            let outcome = write(id, bytes)
            recorder.wrote(bytes, to: id, outcome)
            return outcome
        }
    }
}
