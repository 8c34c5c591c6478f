import HydrogenConfiguration
import HydrogenCrypto
import HydrogenProtocol
import HydrogenRecording
import HydrogenThreads
import HydrogenShard
import Logging

/// The file of a recording, and the thread that writes it: loops hand their blocks over and never wait for the disk.
///
/// Of each loop the file holds a beginning without a gap. What would leave one (the bound is reached, the disk does not
/// keep up or fails) ends the recording of all loops.
final class RecordingWriter: Sendable {
    private struct State: Sendable {
        /// Blocks that wait to be written, and their size.
        var blocks: [RecordingBlock] = []
        var byteCount = 0
        /// Set once: nothing more is taken.
        var end: RecordingEnd?
    }

    private let file: OpenFile
    private let options: RecordingOptions
    private let logger: Logger
    private let state = Guarded(State())
    private let thread: Guarded<SystemThread?>
    /// What the pseudonyms of keys are made with. It is never written.
    private let secret: [UInt8]

    /// How many bytes may wait to be written. A block that finds nothing waiting is taken whatever its size.
    private static let maximumQueuedByteCount = 16 << 20

    /// Makes the file and writes the head.
    init(_ options: RecordingOptions, head: RecordingHead, logger: Logger) throws {
        var secret: [UInt8] = []
        try RandomBytes.append(Digest.byteCount, to: &secret)
        self.secret = secret
        self.options = options
        self.logger = logger
        self.thread = Guarded(nil)
        self.file = try SafeFile.create(options.path)
        let block = head.block(mask: KeyMask(secret: secret))
        try self.file.append(RecordingFormat.signature + block.header + block.payload)
        let writtenByteCount = RecordingFormat.signature.count + block.byteCount
        logger.warning(
            "RECORDING ALL TRAFFIC: the file holds what clients send and receive; keep it as safe as the traffic",
            metadata: ["file": "\(options.path)", "max_bytes": "\(options.maximumByteCount)"])
        let thread = try SystemThread { self.run(writtenByteCount: writtenByteCount) }
        self.thread.withLock { $0 = thread }
    }

    /// What writes down the inputs of one loop.
    func recorder(loop: LoopIndex) -> LoopRecorder {
        LoopRecorder(loop: loop, mask: KeyMask(secret: self.secret)) { self.take($0) }
    }

    /// From the loops' threads.
    private func take(_ block: consuming RecordingBlock) -> Bool {
        let block = block
        return self.state.withLockNotifying { state in
            guard state.end == nil else { return false }
            if !state.blocks.isEmpty, state.byteCount + block.byteCount > Self.maximumQueuedByteCount {
                state.end = .overtaken
                return false
            }
            state.byteCount += block.byteCount
            state.blocks.append(block)
            return true
        }
    }

    /// After the loops have ended: writes what is left, and closes the recording.
    func stop() {
        self.state.withLockNotifying { $0.end = $0.end ?? .stopped }
        self.thread.withLock { $0.take() }?.join()
    }

    private func run(writtenByteCount: Int) {
        var writtenByteCount = writtenByteCount
        let last = RecordingBlock(.end, payload: [0])
        while true {
            let (blocks, end) = self.state.wait { state -> ([RecordingBlock], RecordingEnd?)? in
                if state.blocks.isEmpty, state.end == nil { return nil }
                defer {
                    state.blocks = []
                    state.byteCount = 0
                }
                return (state.blocks, state.end)
            }
            for block in blocks {
                guard writtenByteCount + block.byteCount + last.byteCount <= self.options.maximumByteCount else {
                    return self.finish(.full, writtenByteCount)
                }
                do {
                    try self.file.append(block.header)
                    try self.file.append(block.payload)
                } catch {
                    self.logger.error("the recording cannot be written", metadata: ["fault": "\(error)"])
                    return self.finish(.failed, writtenByteCount)
                }
                writtenByteCount += block.byteCount
            }
            if let end { return self.finish(end, writtenByteCount) }
        }
    }

    /// Says in the file and in the log that the recording is over.
    private func finish(_ end: RecordingEnd, _ writtenByteCount: Int) {
        self.state.withLock { state in
            state.end = end
            state.blocks = []
        }
        // Without a part of a block that could not be written whole.
        self.file.truncate(to: writtenByteCount)
        let block = RecordingBlock(.end, payload: [end.rawValue])
        try? self.file.append(block.header + block.payload)
        let metadata: Logger.Metadata = [
            "file": "\(self.options.path)", "bytes": "\(writtenByteCount + block.byteCount)",
        ]
        switch end {
        case .stopped: self.logger.notice("the recording is complete", metadata: metadata)
        case .full, .overtaken, .failed:
            self.logger.warning("the recording has ended: \(end.text); the server goes on", metadata: metadata)
        }
    }
}
