import Histogram

/// What one thread has counted.
struct Measurement: Sendable {
    /// Nanoseconds, as they were seen.
    private(set) var latencies = Histogram<UInt64>(
        lowestDiscernibleValue: 1, highestTrackableValue: Self.longest, numberOfSignificantValueDigits: .three)
    private(set) var messageCount = 0
    var errorCount = 0
    /// Pings of the server that were answered in the measured time.
    var pingCount = 0
    /// Messages that were not sent in time, since too many of their connection were under way.
    var skippedCount = 0
    private(set) var startedAt: Int64 = 0
    private(set) var endedAt: Int64 = 0
    private var cpuAtStart: Int64 = 0
    private(set) var cpuNanoseconds: Int64 = 0
    private var serverCPUAtStart: Int64?
    /// Of the server's process; nil where it was not asked for.
    private(set) var serverCPUNanoseconds: Int64?

    /// Whatever takes longer than a minute counts as a minute.
    private static let longest: UInt64 = 60_000_000_000

    /// - Parameter serverProcess: the process whose CPU time is told too.
    mutating func begin(at now: Int64, serverProcess: Int32?) {
        self.startedAt = now
        self.cpuAtStart = BenchClock.threadCPU
        self.serverCPUAtStart = serverProcess.flatMap(BenchClock.cpu(ofProcess:))
    }

    mutating func end(at now: Int64, serverProcess: Int32?) {
        self.endedAt = now
        if self.startedAt == 0 { self.startedAt = now }
        self.cpuNanoseconds = BenchClock.threadCPU - self.cpuAtStart
        if let start = self.serverCPUAtStart, let end = serverProcess.flatMap(BenchClock.cpu(ofProcess:)) {
            self.serverCPUNanoseconds = end - start
        }
    }

    @inline(__always)
    mutating func record(_ nanoseconds: Int64) {
        self.messageCount &+= 1
        self.latencies.record(min(UInt64(max(1, nanoseconds)), Self.longest))
    }
}
