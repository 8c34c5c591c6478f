import CLibev
import Glibc
import HydrogenProtocol
import HydrogenShard
import Synchronization

/// What other threads hold of a loop: its mailbox and the means to wake it. It owns the libev loop, so that waking a
/// loop that has ended does no harm.
@safe package final class LoopHandle: @unchecked Sendable {
    // @unchecked: of libev only `ev_async_send` is called from other threads, which libev allows; the rest of the
    // pointers is used by the loop's thread alone, and everything that is shared is atomic.

    package let index: LoopIndex
    let mailbox: Mailbox<Mail>
    let libev: OpaquePointer
    let wakeWatcher: UnsafeMutablePointer<hydrogen_watcher>
    private let isWakePending = Atomic<Bool>(false)
    /// On the monotonic clock, in nanoseconds; 0 while the loop is not to stop.
    private let stopDeadline = Atomic<Int64>(0)
    /// Certificates that wait to be taken into use.
    let certificates = Mailbox<TLSFiles>(capacity: 16)

    /// - Parameter mailboxCapacity: rounded up to a power of two.
    package init(index: LoopIndex, mailboxCapacity: Int) throws(TransportError) {
        guard let libev = unsafe hydrogen_loop_create() else { throw .loop(code: errno) }
        self.index = index
        self.mailbox = Mailbox(capacity: mailboxCapacity)
        unsafe self.libev = libev
        unsafe self.wakeWatcher = .allocate(capacity: 1)
        unsafe self.wakeWatcher.initialize(to: hydrogen_watcher())
    }

    deinit {
        unsafe hydrogen_loop_destroy(self.libev)
        unsafe self.wakeWatcher.deallocate()
    }

    /// How many messages wait for the loop.
    package var mailCount: Int { self.mailbox.count }

    /// From any thread: false when the mailbox is full.
    package func post(_ mail: consuming Mail) -> Bool {
        guard self.mailbox.offer(mail) else { return false }
        self.wake()
        return true
    }

    /// From any thread: ends the loop when its core has no connection left, at the latest at the deadline.
    package func stop(deadline: Instant) {
        self.stopDeadline.store(max(1, deadline.nanoseconds), ordering: .releasing)
        self.wake()
    }

    /// From any thread: new handshakes use these files from now on. The authority of client certificates stays.
    ///
    /// - Returns: false when too many such requests wait.
    package func replaceCertificates(by files: TLSFiles) -> Bool {
        guard self.certificates.offer(files) else { return false }
        self.wake()
        return true
    }

    /// From any thread: the loop comes to the end of a pass soon.
    package func wake() {
        if self.isWakePending.exchange(true, ordering: .acquiringAndReleasing) { return }
        unsafe hydrogen_watcher_async_send(self.libev, self.wakeWatcher)
    }

    /// On the loop's thread, before the mailbox is drained: whoever posts from now on wakes the loop again.
    func acknowledgeWake() { _ = self.isWakePending.exchange(false, ordering: .acquiringAndReleasing) }

    var askedStop: Instant? {
        let nanoseconds = self.stopDeadline.load(ordering: .acquiring)
        return nanoseconds == 0 ? nil : Instant(nanoseconds: nanoseconds)
    }
}
