import Glibc
import Synchronization

/// Reads what the operating system says about this process. Any thread may ask.
package final class ProcessMonitor: Sendable {
    /// The load is that of at least so long a time.
    private static let loadPeriodNanoseconds: Int64 = 1_000_000_000

    private let measuredAt: Atomic<Int64>
    private let measuredCPU: Atomic<Int64>
    private let loadThousandths = Atomic<Int64>(0)
    private let pageBytes: Int64
    private let startedAtHundredths: Int64

    /// Begins the first period of the load.
    package init() {
        self.measuredAt = Atomic(monotonicNanoseconds())
        self.measuredCPU = Atomic(processorNanoseconds())
        self.pageBytes = Int64(sysconf(Int32(_SC_PAGESIZE)))
        let started = ProcessStatistics(stat: readFile("/proc/self/stat"))?.startedAfterBootHundredths ?? 0
        self.startedAtHundredths = (bootTimeSeconds(readFile("/proc/stat")) ?? 0) * 100 + started
    }

    /// The process now. What `/proc` does not tell is 0.
    package func sample() -> ProcessSample {
        let cpu = processorNanoseconds()
        let statistics = ProcessStatistics(stat: readFile("/proc/self/stat"))
        return ProcessSample(
            cpuNanoseconds: cpu, cpuLoadThousandths: self.load(cpu: cpu, at: monotonicNanoseconds()),
            residentBytes: (statistics?.residentPages ?? 0) * self.pageBytes,
            virtualBytes: statistics?.virtualBytes ?? 0, threadCount: statistics?.threadCount ?? 0,
            openDescriptorCount: openDescriptorCount(), maximumDescriptorCount: descriptorLimit(),
            startedAtHundredths: self.startedAtHundredths)
    }

    /// The load of the last whole period. Whoever comes first after its end begins the next one.
    func load(cpu: Int64, at now: Int64) -> Int64 {
        let before = self.measuredAt.load(ordering: .acquiring)
        if now - before >= Self.loadPeriodNanoseconds,
            self.measuredAt.compareExchange(expected: before, desired: now, ordering: .acquiringAndReleasing).exchanged
        {
            let used = cpu - self.measuredCPU.exchange(cpu, ordering: .relaxed)
            self.loadThousandths.store(max(0, used) * 1_000 / (now - before), ordering: .relaxed)
        }
        return self.loadThousandths.load(ordering: .relaxed)
    }
}

/// The soft limit of descriptors, nil if there is none.
private func descriptorLimit() -> Int64? {
    var limit = rlimit()
    let isKnown = unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
    return isKnown ? Int64(exactly: limit.rlim_cur) : nil
}

/// A small file as text, empty if it cannot be read.
private func readFile(_ path: String) -> String {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { return "" }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4_096)
    while true {
        let count = unsafe chunk.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
        if count <= 0 { return String(decoding: bytes, as: UTF8.self) }
        bytes += chunk[..<count]
    }
}

/// How many descriptors are open. Linux tells since 6.2, as the size of the folder. To list 19,000 took 30 ms of CPU, each
/// `StatusInterval` and for each scrape.
private func openDescriptorCount() -> Int64 {
    let path = "/proc/self/fd"
    var status = stat()
    let isTold = unsafe stat(path, &status) == 0 && status.st_size > 0
    return isTold ? Int64(status.st_size) : countEntries(path)
}

/// How many entries a folder has, without `.`, `..` and the descriptor that reads it.
package func countEntries(_ path: String) -> Int64 {
    guard let folder = unsafe opendir(path) else { return 0 }
    var count: Int64 = 0
    while unsafe readdir(folder) != nil { count += 1 }
    unsafe closedir(folder)
    return max(0, count - 3)
}
