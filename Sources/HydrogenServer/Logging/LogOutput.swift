import Glibc
import HydrogenConfiguration
import HydrogenProtocol
import Logging
import Synchronization

/// Where the log goes and how much of it, shared by all loggers of the process: what a reload changes.
package final class LogOutput: Sendable {
    private let descriptor: Int32
    private let format: Configuration.Log.Format
    /// The index of the least severe level that is written.
    private let levelIndex: Atomic<Int>
    private let dropped = Atomic<Int>(0)

    /// - Parameter descriptor: An open file; each line is one `write` to it, so that lines of several threads, and of
    ///   several processes where it was opened to append, never mix.
    package init(descriptor: Int32 = STDERR_FILENO, _ log: Configuration.Log) {
        self.descriptor = descriptor
        self.format = log.format
        self.levelIndex = Atomic(Self.index(of: log.level))
    }

    /// The least severe level that is written. It may be changed at any time, from any thread.
    package var level: Configuration.Log.Level {
        get { Configuration.Log.Level.allCases[self.levelIndex.load(ordering: .relaxed)] }
        set { self.levelIndex.store(Self.index(of: newValue), ordering: .relaxed) }
    }

    /// Lines that could not be written: the reader of the log was gone, or did not keep up.
    package var droppedCount: Int { self.dropped.load(ordering: .relaxed) }

    /// Makes all loggers of the process write here. Once per process.
    package func install() {
        LoggingSystem.bootstrap { _ in LogHandlerOfLines(output: self) }
    }

    func write(_ line: LogLine) {
        var start = 0
        let bytes = line.bytes
        while start < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(self.descriptor, buffer.baseAddress?.advanced(by: start), buffer.count - start)
            }
            if count > 0 {
                // Files and free pipes take a line whole; a rest goes after it.
                start += count
            } else if count == 0 || errno != EINTR {
                // A descriptor that does not wait is full: the loop must not stand still for a line.
                self.dropped.add(1, ordering: .relaxed)
                return
            }
        }
    }

    func line(_ level: Logger.Level, _ message: String, _ metadata: [(key: String, value: Logger.MetadataValue)])
        -> LogLine
    {
        LogLine(self.format, Self.now(), level, message, metadata)
    }

    private static func index(of level: Configuration.Log.Level) -> Int {
        Configuration.Log.Level.allCases.firstIndex(of: level) ?? 0
    }

    private static func now() -> WallTime {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return WallTime(milliseconds: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
    }
}

/// Lets a logger write lines to an output. Its level is the output's, unless it was given one of its own.
struct LogHandlerOfLines: LogHandler {
    let output: LogOutput
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    private var ownLevel: Logger.Level?

    init(output: LogOutput) { self.output = output }

    var logLevel: Logger.Level {
        get { self.ownLevel ?? Logger.Level(self.output.level) }
        set { self.ownLevel = newValue }
    }

    subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var metadata = self.metadata
        if let provided = self.metadataProvider?.get() { metadata.merge(provided) { $1 } }
        if let given = event.metadata { metadata.merge(given) { $1 } }
        // Sorted, as a dictionary has another order in each process.
        let sorted = metadata.sorted { $0.key < $1.key }
        self.output.write(self.output.line(event.level, event.message.description, sorted))
    }
}

extension Logger.Level {
    /// The level that the configuration names.
    init(_ level: Configuration.Log.Level) {
        self =
            switch level {
            case .trace: .trace
            case .debug: .debug
            case .info: .info
            case .notice: .notice
            case .warning: .warning
            case .error: .error
            case .critical: .critical
            }
    }
}
