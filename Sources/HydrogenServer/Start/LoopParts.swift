import HydrogenMetrics
import HydrogenRecording
import HydrogenShard
import HydrogenTransport

/// What all loops of a server are made with.
struct LoopParts {
    var configuration: ShardConfiguration
    var policy: ShardPolicy
    var keys: KeyRing
    var ledger: SharedLedger
    var places: MailPlaces
    var metrics: ShardMetrics
    var loops: [LoopHandle]
    var loopConfiguration: LoopConfiguration
    var delegate: LoopDelegate
    /// nil: loops are not recorded, and are compiled without any trace of it.
    var recording: RecordingWriter?
    /// By loop: what the store has kept; empty without a store.
    var restored: [RestoredState]

    /// A loop with its shard, ready to be run by its thread.
    func prepare(
        _ loop: LoopHandle, _ listeners: ListeningSockets, snapshots: SnapshotCell
    ) throws(TransportError) -> PreparedLoop {
        if let recorder = self.recording?.recorder(loop: loop.index) {
            let shard = self.shard(loop.index, snapshots, tape: recorder.tape)
            return PreparedLoop(try self.eventLoop(loop, listeners, RecordedShard(shard, recorder)))
        }
        return PreparedLoop(try self.eventLoop(loop, listeners, self.shard(loop.index, snapshots, tape: nil)))
    }

    private func shard(_ loop: Int, _ snapshots: SnapshotCell, tape: AnswerTape?) -> Shard {
        Shard(
            configuration: self.configuration, policy: self.policy, keys: self.keys, loop: loop, ledger: self.ledger,
            places: self.places, metrics: self.metrics, snapshots: snapshots, tape: tape)
    }

    private func eventLoop<Core: LoopCore & ~Copyable>(
        _ loop: LoopHandle, _ listeners: ListeningSockets, _ core: consuming Core
    ) throws(TransportError) -> EventLoop<Core> {
        try EventLoop(
            handle: loop, loops: self.loops, listeners: listeners, configuration: self.loopConfiguration,
            delegate: self.delegate, core: core,
            restored: self.restored.isEmpty ? RestoredState() : self.restored[loop.index])
    }
}
