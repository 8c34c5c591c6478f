import Dispatch
import HydrogenProtocol
import HydrogenServices
import HydrogenThreads
import Synchronization

/// Does something again and again, away from the loops.
final class StatusTimer: Sendable {
    private let queue = DispatchQueue(label: "hydrogen.status")
    private let interval: Guarded<Interval>
    private let isStopped = Atomic(false)
    private let body: @Sendable () -> Void

    init(every interval: Interval, _ body: @escaping @Sendable () -> Void) {
        self.interval = Guarded(interval)
        self.body = body
        self.schedule()
    }

    /// The new interval counts from the next time on.
    func change(to interval: Interval) { self.interval.withLock { $0 = interval } }

    func stop() { self.isStopped.store(true, ordering: .relaxed) }

    private func schedule() {
        let pause = self.interval.withLock { $0 }
        self.queue.asyncAfter(deadline: .now() + .nanoseconds(Int(pause.nanoseconds))) { [weak self] in
            guard let self, !self.isStopped.load(ordering: .relaxed) else { return }
            self.body()
            self.schedule()
        }
    }
}
