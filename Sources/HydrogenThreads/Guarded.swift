import Glibc
import HydrogenProtocol

/// A value that one thread at a time may touch, with a condition that threads can wait for.
///
/// POSIX, and not `Synchronization.Mutex`: ThreadSanitizer does not see the latter's ordering, and reports races in
/// correct programs.
@safe
package final class Guarded<Value: Sendable>: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var value: Value

    package init(_ value: Value) {
        self.value = value
        unsafe self.mutex = .allocate(capacity: 1)
        unsafe self.condition = .allocate(capacity: 1)
        // With these attributes neither can fail on Linux.
        unsafe pthread_mutex_init(self.mutex, nil)
        var attributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&attributes)
        // Waits with a bound must not end early or late because somebody sets the wall clock.
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        unsafe pthread_cond_init(self.condition, &attributes)
        unsafe pthread_condattr_destroy(&attributes)
    }

    deinit {
        unsafe pthread_cond_destroy(self.condition)
        unsafe pthread_mutex_destroy(self.mutex)
        unsafe self.condition.deallocate()
        unsafe self.mutex.deallocate()
    }

    package func withLock<Result, Failure: Error>(_ body: (inout Value) throws(Failure) -> Result) throws(Failure) -> Result {
        unsafe pthread_mutex_lock(self.mutex)
        defer { unsafe pthread_mutex_unlock(self.mutex) }
        return try body(&self.value)
    }

    /// Like `withLock`; then wakes everybody who waits.
    package func withLockNotifying<Result>(_ body: (inout Value) -> Result) -> Result {
        unsafe pthread_mutex_lock(self.mutex)
        defer {
            unsafe pthread_cond_broadcast(self.condition)
            unsafe pthread_mutex_unlock(self.mutex)
        }
        return body(&self.value)
    }

    /// Waits until `body` returns a value. It is called under the lock, first at once and then after each notification.
    package func wait<Result>(until body: (inout Value) -> Result?) -> Result {
        unsafe pthread_mutex_lock(self.mutex)
        defer { unsafe pthread_mutex_unlock(self.mutex) }
        while true {
            if let result = body(&self.value) { return result }
            unsafe pthread_cond_wait(self.condition, self.mutex)
        }
    }

    /// Like `wait(until:)`, but not for ever: nil when the time is over and `body` still returns none.
    package func wait<Result>(atMost interval: Interval, until body: (inout Value) -> Result?) -> Result? {
        unsafe pthread_mutex_lock(self.mutex)
        defer { unsafe pthread_mutex_unlock(self.mutex) }
        let deadline = Clock.instant() + interval
        var time = timespec(
            tv_sec: Int(deadline.nanoseconds / 1_000_000_000), tv_nsec: Int(deadline.nanoseconds % 1_000_000_000))
        while true {
            if let result = body(&self.value) { return result }
            let outcome = unsafe pthread_cond_timedwait(self.condition, self.mutex, &time)
            if outcome == ETIMEDOUT { return body(&self.value) }
        }
    }
}
