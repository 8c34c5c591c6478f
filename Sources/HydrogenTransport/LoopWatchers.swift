import CLibev
import HydrogenProtocol

/// What a watcher of a loop stands for.
enum LoopWatch: UInt64 {
    /// Another thread posted mail, or wants something.
    case wake
    /// Something is due.
    case deadline
    /// The end of a pass: the loop is about to wait.
    case endOfPass
    /// A listening socket has connections.
    case listener
    /// The pause of accepting is over.
    case resumeAccepting
}

/// Our own watchers on a loop, beside those of lws. Used on the loop's thread.
@safe final class LoopWatchers {
    private let libev: OpaquePointer
    private let wake: UnsafeMutablePointer<hydrogen_watcher>
    /// Deadline, end of pass, resume, and one for each listening socket, in one piece of memory.
    private let others: UnsafeMutablePointer<hydrogen_watcher>
    private var listeners: ListeningSockets
    private let count: Int
    private static var firstListener: Int { 3 }

    init(libev: OpaquePointer, wake: UnsafeMutablePointer<hydrogen_watcher>, listeners: ListeningSockets) {
        unsafe self.libev = libev
        unsafe self.wake = wake
        self.listeners = listeners
        self.count = Self.firstListener + listeners.descriptors.count
        unsafe self.others = .allocate(capacity: self.count)
        unsafe self.others.initialize(repeating: hydrogen_watcher(), count: self.count)
    }

    deinit {
        self.listeners.close()
        unsafe self.others.deallocate()
    }

    private var deadline: UnsafeMutablePointer<hydrogen_watcher> { unsafe self.others }
    private var endOfPass: UnsafeMutablePointer<hydrogen_watcher> { unsafe self.others + 1 }
    private var resume: UnsafeMutablePointer<hydrogen_watcher> { unsafe self.others + 2 }

    /// Sets everything going. `handler` is called with the watcher, whose tag is a `LoopWatch`.
    func start(handler: LoopTrampolines.Watcher, owner: UnsafeMutableRawPointer) {
        func prepare(_ watcher: UnsafeMutablePointer<hydrogen_watcher>, _ watch: LoopWatch) {
            unsafe watcher.pointee.handler = handler
            unsafe watcher.pointee.owner = owner
            unsafe watcher.pointee.tag = watch.rawValue
        }
        unsafe prepare(self.wake, .wake)
        unsafe hydrogen_watcher_async_start(self.libev, self.wake)
        unsafe prepare(self.deadline, .deadline)
        unsafe hydrogen_watcher_timer_init(self.deadline)
        unsafe prepare(self.endOfPass, .endOfPass)
        unsafe hydrogen_watcher_prepare_start(self.libev, self.endOfPass)
        unsafe prepare(self.resume, .resumeAccepting)
        unsafe hydrogen_watcher_timer_init(self.resume)
        for index in self.listeners.descriptors.indices {
            unsafe prepare(self.others + Self.firstListener + index, .listener)
        }
        self.startAccepting()
    }

    func startAccepting() {
        for (index, descriptor) in self.listeners.descriptors.enumerated() {
            unsafe hydrogen_watcher_read_start(
                self.libev, self.others + Self.firstListener + index, descriptor, 0)
        }
    }

    /// Stops accepting for a time; new connections wait in the kernel's queue.
    func pauseAccepting(for interval: Interval) {
        self.stopListenerWatchers()
        unsafe hydrogen_watcher_timer_start(self.libev, self.resume, interval.seconds, 0)
    }

    /// Closes the listening sockets: new connections are refused by the kernel.
    func stopAccepting() {
        self.stopListenerWatchers()
        unsafe hydrogen_watcher_timer_stop(self.libev, self.resume)
        self.listeners.close()
    }

    private func stopListenerWatchers() {
        for index in self.listeners.descriptors.indices {
            unsafe hydrogen_watcher_read_stop(self.libev, self.others + Self.firstListener + index)
        }
    }

    func armDeadline(after interval: Interval) {
        unsafe hydrogen_watcher_timer_start(self.libev, self.deadline, max(0, interval.seconds), 0)
    }

    /// Stops everything, so that the loop may end.
    func stop() {
        self.stopAccepting()
        unsafe hydrogen_watcher_async_stop(self.libev, self.wake)
        unsafe hydrogen_watcher_timer_stop(self.libev, self.deadline)
        unsafe hydrogen_watcher_prepare_stop(self.libev, self.endOfPass)
    }
}

extension Interval {
    /// As libev counts.
    fileprivate var seconds: Double { Double(self.nanoseconds) / 1e9 }
}
