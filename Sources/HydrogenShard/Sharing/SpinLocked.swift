import Synchronization

/// A value that one thread at a time may touch, for work of some dozen instructions: who comes meanwhile waits by
/// looking again. No system call, and on a single thread no waiting ever.
@safe final class SpinLocked<Value: Sendable>: @unchecked Sendable {
    // @unchecked: only `withLock` touches the value, on the one thread that has set `isTaken`. That is its exclusivity
    // too, and the runtime need not keep books of it.
    private let isTaken = Atomic(false)
    @exclusivity(unchecked) private var value: Value

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
