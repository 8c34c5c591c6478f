import HydrogenThreads

/// The events that wait for one consumer.
final class EventBuffer: Sendable {
    private struct State: Sendable {
        /// In their order; those before `head` are taken.
        var events: [HydrogenClient.Event?] = []
        var head = 0
        var waiters: [Waiter] = []
        var lastWaiter: UInt64 = 0
        var isFinished = false
        var droppedCount = 0
    }

    private struct Waiter: Sendable {
        var number: UInt64
        var continuation: CheckedContinuation<HydrogenClient.Event?, Never>
    }

    private let capacity: Int
    private let state = Guarded(State())

    /// - Parameter capacity: Events that are not guaranteed; of the others the server's window is the bound.
    init(capacity: Int) { self.capacity = max(1, capacity) }

    /// How many events were dropped as too many waited.
    var droppedCount: Int { self.state.withLock { $0.droppedCount } }

    /// Takes an event. Where too many wait, the oldest that is not guaranteed gives way.
    func append(_ event: HydrogenClient.Event) {
        let (waiter, dropped) = self.state.withLock { state -> (Waiter?, HydrogenClient.Event?) in
            guard !state.isFinished else { return (nil, nil) }
            if !state.waiters.isEmpty { return (state.waiters.removeFirst(), nil) }
            var dropped: HydrogenClient.Event?
            if state.events.count - state.head >= self.capacity { dropped = Self.drop(from: &state) }
            state.events.append(event)
            return (nil, dropped)
        }
        _ = dropped
        waiter?.continuation.resume(returning: event)
    }

    private static func drop(from state: inout State) -> HydrogenClient.Event? {
        for index in state.head..<state.events.count where state.events[index]?.offset == nil {
            state.droppedCount += 1
            return state.events.remove(at: index)
        }
        return nil
    }

    /// No event comes any more; those that wait are still taken.
    func finish() {
        let waiters = self.state.withLock { state -> [Waiter] in
            state.isFinished = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.continuation.resume(returning: nil) }
    }

    /// Nobody takes events any more: what waits is forgotten, and so given back.
    func abandon() {
        let forgotten = self.state.withLock { state -> [HydrogenClient.Event?] in
            defer { state.events = [] }
            state.head = 0
            return state.events
        }
        _ = forgotten
        self.finish()
    }

    /// The next event; nil at the end, or when the task is cancelled.
    func next() async -> HydrogenClient.Event? {
        let number = self.state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in self.wait(Waiter(number: number, continuation: continuation)) }
        } onCancel: {
            let waiter = self.state.withLock { state -> Waiter? in
                guard let index = state.waiters.firstIndex(where: { $0.number == number }) else { return nil }
                return state.waiters.remove(at: index)
            }
            waiter?.continuation.resume(returning: nil)
        }
    }

    private func wait(_ waiter: Waiter) {
        let answer = self.state.withLock { state -> HydrogenClient.Event?? in
            // Looked at under the lock: a task that is cancelled from now on finds its waiter there.
            if Task.isCancelled { return .some(nil) }
            if state.head < state.events.count { return Self.takeFirst(from: &state) }
            if state.isFinished { return .some(nil) }
            state.waiters.append(waiter)
            return nil
        }
        if let answer { waiter.continuation.resume(returning: answer) }
    }

    private static func takeFirst(from state: inout State) -> HydrogenClient.Event? {
        let event = state.events[state.head]
        state.events[state.head] = nil
        state.head += 1
        if state.head == state.events.count || state.head > 1024 {
            state.events.removeFirst(state.head)
            state.head = 0
        }
        return event
    }
}
