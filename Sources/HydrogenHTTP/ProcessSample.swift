/// What the operating system says about this process at one moment.
package struct ProcessSample: Sendable, Hashable {
    /// CPU time used since the start, user and system.
    package var cpuNanoseconds: Int64
    /// CPU time over time passed since an earlier sample, in thousandths of one core.
    package var cpuLoadThousandths: Int64
    package var residentBytes: Int64
    package var virtualBytes: Int64
    package var threadCount: Int64
    package var openDescriptorCount: Int64
    /// The soft limit of open descriptors; nil if there is none.
    package var maximumDescriptorCount: Int64?
    /// Hundredths of a second since 1970.
    package var startedAtHundredths: Int64

    package init(
        cpuNanoseconds: Int64, cpuLoadThousandths: Int64, residentBytes: Int64, virtualBytes: Int64,
        threadCount: Int64, openDescriptorCount: Int64, maximumDescriptorCount: Int64?, startedAtHundredths: Int64
    ) {
        self.cpuNanoseconds = cpuNanoseconds
        self.cpuLoadThousandths = cpuLoadThousandths
        self.residentBytes = residentBytes
        self.virtualBytes = virtualBytes
        self.threadCount = threadCount
        self.openDescriptorCount = openDescriptorCount
        self.maximumDescriptorCount = maximumDescriptorCount
        self.startedAtHundredths = startedAtHundredths
    }
}

/// The fields of `/proc/self/stat` that are shown (proc(5)).
struct ProcessStatistics: Hashable {
    var threadCount: Int64
    /// Hundredths of a second from the boot to the start of the process.
    var startedAfterBootHundredths: Int64
    var virtualBytes: Int64
    var residentPages: Int64

    /// Nil if the text is not of that form.
    init?(stat: String) {
        // The name of the command, field 2, stands in parentheses and may hold blanks and parentheses itself.
        guard let end = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        func field(_ number: Int) -> Int64? { fields.count > number - 3 ? Int64(fields[number - 3]) : nil }
        guard let threads = field(20), let start = field(22), let virtual = field(23), let resident = field(24)
        else { return nil }
        self.threadCount = threads
        self.startedAfterBootHundredths = start
        self.virtualBytes = virtual
        self.residentPages = resident
    }
}

/// The time of the boot in seconds since 1970, from `/proc/stat`.
func bootTimeSeconds(_ stat: String) -> Int64? {
    let line = stat.split(separator: "\n").first { $0.hasPrefix("btime ") }
    return line.flatMap { Int64($0.dropFirst("btime ".count)) }
}
