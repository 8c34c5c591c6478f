import Synchronization

/// A value that one thread at a time may touch, for work of some dozen instructions: who comes meanwhile waits by
/// looking again. No system call, and on a single thread no waiting ever.
final class SpinLocked<Value: Sendable>: Sendable {
    private let isTaken = Atomic(false)
    /// Only `withLock` touches it, on the one thread that has set `isTaken`.
    private nonisolated(unsafe) var value: Value

    init(_ value: Value) { unsafe self.value = value }

    /// - Parameter body: short; it must not come back to this lock.
    @inline(__always)
    func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
        while self.isTaken.exchange(true, ordering: .acquiring) {
            // Reading does not take the cache line away from who has it.
            while self.isTaken.load(ordering: .relaxed) {}
        }
        defer { self.isTaken.store(false, ordering: .releasing) }
        return unsafe body(&self.value)
    }
}
