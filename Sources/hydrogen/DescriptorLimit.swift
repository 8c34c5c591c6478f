import Glibc

/// A connection is a descriptor.
enum DescriptorLimit {
    /// What a process needs beside its connections: files, the store, scrapes, sockets that listen.
    private static let others = 1_024

    /// Takes as many as the system lets us have.
    static func raise() { self.set(Int.max) }

    /// Takes what so many connections need, and not more: at the end of each connection libwebsockets looks through a
    /// table of all descriptors that the process may have. With a limit of a million, which containers often have, that
    /// is 6,000,000 instructions; with the 12,024 of `MaxConnections` at its default it is 70,000.
    static func set(connections: Int) { self.set(connections + self.others) }

    private static func set(_ wanted: Int) {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = min(limit.rlim_max, rlim_t(wanted))
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
