import CLibev
import HydrogenProtocol

/// What a watcher of a client's loop stands for.
private enum ClientWatch: UInt64 {
    /// Tasks want something.
    case wake
    /// The core's next deadline.
    case deadline
    /// The loop is about to wait.
    case endOfPass
}

/// Our own watchers on a client's loop, beside those of lws.
@safe final class ClientWatchers {
    private let libev: OpaquePointer
    private let watchers: UnsafeMutablePointer<hydrogen_watcher>
    private static var count: Int { 3 }

    init(_ libev: OpaquePointer) {
        unsafe self.libev = libev
        unsafe self.watchers = .allocate(capacity: Self.count)
        unsafe self.watchers.initialize(repeating: hydrogen_watcher(), count: Self.count)
    }

    deinit { unsafe self.watchers.deallocate() }

    private func watcher(_ watch: ClientWatch) -> UnsafeMutablePointer<hydrogen_watcher> {
        unsafe self.watchers + Int(watch.rawValue)
    }

    /// - Parameter owner: the `ClientLoop`.
    func start(owner: UnsafeMutableRawPointer, wakeDescriptor: Int32) {
        for watch in [ClientWatch.wake, .deadline, .endOfPass] {
            unsafe self.watcher(watch).pointee.handler = { watcher in unsafe clientWatcherFired(watcher) }
            unsafe self.watcher(watch).pointee.owner = owner
            unsafe self.watcher(watch).pointee.tag = watch.rawValue
        }
        unsafe hydrogen_watcher_read_start(self.libev, self.watcher(.wake), wakeDescriptor, 0)
        unsafe hydrogen_watcher_timer_init(self.watcher(.deadline))
        unsafe hydrogen_watcher_prepare_start(self.libev, self.watcher(.endOfPass))
    }

    func armDeadline(after interval: Interval) {
        let seconds = max(0, Double(interval.nanoseconds) / 1e9)
        unsafe hydrogen_watcher_timer_start(self.libev, self.watcher(.deadline), seconds, 0)
    }

    func disarmDeadline() { unsafe hydrogen_watcher_timer_stop(self.libev, self.watcher(.deadline)) }

    func stop() {
        unsafe hydrogen_watcher_read_stop(self.libev, self.watcher(.wake))
        unsafe hydrogen_watcher_timer_stop(self.libev, self.watcher(.deadline))
        unsafe hydrogen_watcher_prepare_stop(self.libev, self.watcher(.endOfPass))
    }
}

private func clientWatcherFired(_ watcher: UnsafeMutablePointer<hydrogen_watcher>?) {
    guard let watcher = unsafe watcher, let owner = unsafe watcher.pointee.owner,
        let watch = unsafe ClientWatch(rawValue: watcher.pointee.tag)
    else { return }
    unsafe Unmanaged<ClientLoop>.fromOpaque(owner)._withUnsafeGuaranteedRef { loop in
        switch watch {
        case .wake: loop.wokeUp()
        case .deadline: loop.deadlineCame()
        case .endOfPass: loop.endPass()
        }
    }
}
