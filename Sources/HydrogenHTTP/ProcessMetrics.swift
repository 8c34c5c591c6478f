import HydrogenMetrics

extension ProcessSample {
    /// The standard families of a process, by the names that all of Prometheus' client libraries use.
    package var families: [ComputedFamily] {
        var families: [ComputedFamily] = [
            .counter(
                "process_cpu_seconds_total", help: "CPU time used, user and system.",
                [.init(.nanoseconds(self.cpuNanoseconds))]),
            .gauge("process_open_fds", help: "Open file descriptors.", [.init(.init(self.openDescriptorCount))]),
        ]
        if let maximum = self.maximumDescriptorCount {
            families.append(
                .gauge("process_max_fds", help: "How many file descriptors may be open.", [.init(.init(maximum))]))
        }
        families += [
            .gauge("process_resident_memory_bytes", help: "Memory in RAM.", [.init(.init(self.residentBytes))]),
            .gauge("process_virtual_memory_bytes", help: "Address space in use.", [.init(.init(self.virtualBytes))]),
            .gauge(
                "process_start_time_seconds", help: "When the process began, since 1970.",
                [.init(.init(self.startedAtHundredths, decimals: 2))]),
            .gauge("process_threads", help: "Threads of the process.", [.init(.init(self.threadCount))]),
        ]
        return families
    }
}
