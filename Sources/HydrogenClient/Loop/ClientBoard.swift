import HydrogenThreads

/// What the client tells everybody who looks: its state, and notices.
final class ClientBoard: Sendable {
    typealias State = HydrogenClient.State
    typealias Notice = HydrogenClient.Notice

    private struct Contents: Sendable {
        var state = State.stopped(.notStarted)
        var isOver = false
        var lastObserver: UInt64 = 0
        var stateObservers: [UInt64: AsyncStream<State>.Continuation] = [:]
        var noticeObservers: [UInt64: AsyncStream<Notice>.Continuation] = [:]
    }

    /// What an observer may be behind; beyond it the oldest are dropped.
    private static let observerCapacity = 256

    private let contents = Guarded(Contents())

    var state: State { self.contents.withLock { $0.state } }

    /// The state now, and each change. It ends after the last.
    func states() -> AsyncStream<State> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: State.self, bufferingPolicy: .bufferingNewest(Self.observerCapacity))
        let (number, isOver) = self.contents.withLock { contents in
            contents.lastObserver += 1
            continuation.yield(contents.state)
            if !contents.isOver { contents.stateObservers[contents.lastObserver] = continuation }
            return (contents.lastObserver, contents.isOver)
        }
        if isOver { continuation.finish() }
        continuation.onTermination = { [weak self] _ in
            _ = self?.contents.withLock { $0.stateObservers.removeValue(forKey: number) }
        }
        return stream
    }

    func notices() -> AsyncStream<Notice> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Notice.self, bufferingPolicy: .bufferingNewest(Self.observerCapacity))
        let (number, isOver) = self.contents.withLock { contents in
            contents.lastObserver += 1
            if !contents.isOver { contents.noticeObservers[contents.lastObserver] = continuation }
            return (contents.lastObserver, contents.isOver)
        }
        if isOver { continuation.finish() }
        continuation.onTermination = { [weak self] _ in
            _ = self?.contents.withLock { $0.noticeObservers.removeValue(forKey: number) }
        }
        return stream
    }

    func change(to state: State) {
        let observers = self.contents.withLock { contents -> [AsyncStream<State>.Continuation] in
            guard contents.state != state, !contents.isOver else { return [] }
            contents.state = state
            return Array(contents.stateObservers.values)
        }
        for observer in observers { observer.yield(state) }
    }

    func tell(_ notice: Notice) {
        let observers = self.contents.withLock { Array($0.noticeObservers.values) }
        for observer in observers { observer.yield(notice) }
    }

    /// The last change.
    func stop(_ reason: HydrogenClient.Reason) {
        self.change(to: .stopped(reason))
        let (states, notices) = self.contents.withLock { contents in
            contents.isOver = true
            defer { (contents.stateObservers, contents.noticeObservers) = ([:], [:]) }
            return (Array(contents.stateObservers.values), Array(contents.noticeObservers.values))
        }
        for observer in states { observer.finish() }
        for observer in notices { observer.finish() }
    }

    /// Returns when the client is over.
    func waitUntilStopped() async {
        for await _ in self.states() {}
    }
}
