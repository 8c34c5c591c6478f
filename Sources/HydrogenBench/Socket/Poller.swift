import CEpoll
import Glibc

/// Waits for sockets (epoll, level-triggered).
@safe struct Poller: ~Copyable {
    private let descriptor: Int32
    private var events: [epoll_event]
    private(set) var readyCount = 0

    /// How many sockets are told at a time.
    private static let batchCount = 512

    init() throws(BenchError) {
        self.descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard self.descriptor >= 0 else { throw .system("epoll", code: errno) }
        unsafe self.events = Array(repeating: epoll_event(), count: Self.batchCount)
    }

    deinit { Glibc.close(self.descriptor) }

    /// Which socket is ready at a place below `readyCount`.
    func tag(at place: Int) -> Int { unsafe Int(self.events[place].data.u64) }

    /// Whether the socket at that place can be written to.
    func isWritable(at place: Int) -> Bool { unsafe self.events[place].events & EPOLLOUT.rawValue != 0 }

    /// Whether the socket at that place has something to be read, its end among it.
    func isReadable(at place: Int) -> Bool { unsafe self.events[place].events & ~EPOLLOUT.rawValue != 0 }

    func add(_ socket: Int32, tag: Int, writable: Bool) { self.control(EPOLL_CTL_ADD, socket, tag, writable) }
    func change(_ socket: Int32, tag: Int, writable: Bool) { self.control(EPOLL_CTL_MOD, socket, tag, writable) }

    private func control(_ operation: Int32, _ socket: Int32, _ tag: Int, _ writable: Bool) {
        var event = unsafe epoll_event()
        unsafe event.events = EPOLLIN.rawValue | (writable ? EPOLLOUT.rawValue : 0)
        unsafe event.data.u64 = UInt64(tag)
        unsafe epoll_ctl(self.descriptor, operation, socket, &event)
    }

    /// Waits at most so many nanoseconds.
    mutating func wait(atMost nanoseconds: Int64) {
        var limit = timespec(
            tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        let count = unsafe self.events.withUnsafeMutableBufferPointer { events in
            unsafe epoll_pwait2(self.descriptor, events.baseAddress, Int32(events.count), &limit, nil)
        }
        self.readyCount = max(0, Int(count))
    }
}
