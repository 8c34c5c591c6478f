import HydrogenProtocol
import HydrogenThreads
import Synchronization

/// Runs one service: its thread, and the bounded queue in front of it.
///
/// A place is taken by `tryReserve` before a command is sent, and given back by its answer, so that the commands that
/// wait, run, or are kept for a later answer never exceed the capacity together. A loop that gets no place answers
/// `application.busy` and sends nothing; nobody ever waits for the service.
package final class ServiceRunner: Sendable {
    /// How the runner meets the rest of the server.
    package struct Environment: Sendable {
        /// The largest `data` of a response.
        package var maximumAnswerBytes: Int
        package var now: @Sendable () -> Instant
        /// Takes the answer to the loop that asked; called once per command, on whichever thread answers.
        package var answer: @Sendable (LoopIndex, ServiceAnswer) -> Void
        /// What the service can do by itself.
        package var runtime: ServiceContext.Runtime

        package init(
            maximumAnswerBytes: Int, now: @escaping @Sendable () -> Instant,
            answer: @escaping @Sendable (LoopIndex, ServiceAnswer) -> Void, runtime: ServiceContext.Runtime
        ) {
            self.maximumAnswerBytes = maximumAnswerBytes
            self.now = now
            self.answer = answer
            self.runtime = runtime
        }
    }

    /// Why a service did not start.
    package enum StartError: Error {
        /// The system gave no thread; the number is its errno.
        case thread(CInt)
        /// What the service's own `start` threw.
        case service(any Error)
        case startedBefore
    }

    private enum Phase: Sendable {
        /// `start` was not called.
        case idle
        /// The service's `start` runs.
        case starting
        case running
        /// `stop` was called: what is queued is still handled.
        case stopping
        /// The service's `stop` runs; nothing more is handled.
        case finishing
        /// The thread is at its end, or never was.
        case ended

        var handlesCommands: Bool {
            switch self {
            case .idle, .starting, .running, .stopping: true
            case .finishing, .ended: false
            }
        }
    }

    private struct Queue: Sendable {
        var phase = Phase.idle
        var waiting: [ServiceRequest] = []
        var thread: SystemThread?
        /// What the service's `start` threw.
        var failure: (any Error)?
    }

    package let registration: ServiceRegistration
    package let capacity: Int
    private let environment: Environment
    /// Places taken: reserved, queued, running, or kept for a later answer.
    private let taken = Atomic(0)
    /// False from `stop` on.
    private let accepts = Atomic(true)
    private let queue = Guarded(Queue())

    /// - Parameter capacity: the most commands between reservation and answer; at least 1.
    package init(registration: ServiceRegistration, capacity: Int, environment: Environment) {
        self.registration = registration
        self.capacity = max(1, capacity)
        self.environment = environment
    }

    /// How many places are taken.
    package var takenCount: Int { self.taken.load(ordering: .relaxed) }
}

// What the loops call.
extension ServiceRunner {
    /// Takes a place for one command. False if all are taken, or the runner stops.
    package func tryReserve() -> Bool {
        guard self.accepts.load(ordering: .relaxed) else { return false }
        var taken = self.taken.load(ordering: .relaxed)
        while taken < self.capacity {
            let attempt = self.taken.weakCompareExchange(expected: taken, desired: taken + 1, ordering: .relaxed)
            if attempt.exchanged { return true }
            taken = attempt.original
        }
        return false
    }

    /// Gives a reserved place back that no command was sent for.
    package func release() { self.taken.subtract(1, ordering: .relaxed) }

    /// Hands commands over, in order, each with a place reserved. After the end of the service they are answered
    /// `application.busy`, on this thread.
    package func enqueue(_ batch: [ServiceRequest]) {
        let isTaken = self.queue.withLockNotifying { queue in
            guard queue.phase.handlesCommands else { return false }
            queue.waiting.append(contentsOf: batch)
            return true
        }
        if !isTaken { self.refuse(batch) }
    }
}

// Start and stop.
extension ServiceRunner {
    /// Starts the thread, and waits until the service's own `start` has returned.
    package func start() throws(StartError) {
        try self.queue.withLock { queue throws(StartError) in
            guard case .idle = queue.phase else { throw .startedBefore }
            do throws(SystemThread.StartFailure) {
                queue.thread = try SystemThread { self.run() }
                queue.phase = .starting
            } catch {
                throw .thread(error.number)
            }
        }
        let failure: (any Error)? = self.queue.wait { queue in
            if case .starting = queue.phase { return nil }
            return .some(queue.failure)
        }
        if let failure {
            self.stop()
            throw .service(failure)
        }
    }

    /// Takes no more places, lets the service handle what is queued, calls its `stop`, and waits for the end of the
    /// thread. On the service's own thread it only asks for that.
    package func stop() {
        self.accepts.store(false, ordering: .relaxed)
        let isUnstarted = self.queue.withLockNotifying { queue in
            switch queue.phase {
            case .idle:
                queue.phase = .ended
                return true
            case .starting, .running:
                queue.phase = .stopping
                return false
            case .stopping, .finishing, .ended:
                return false
            }
        }
        if isUnstarted { self.end(failure: nil) }
        let isCurrent = self.queue.withLock { $0.thread?.isCurrent ?? false }
        if isCurrent { return }
        let thread = self.queue.wait { queue -> SystemThread?? in
            guard case .ended = queue.phase else { return nil }
            defer { queue.thread = nil }
            return .some(queue.thread)
        }
        thread?.join()
    }
}

// The service's thread.
extension ServiceRunner {
    private func run() {
        let service = self.registration.service
        do {
            try service.start(
                ServiceContext(channel: self.registration.channel, runtime: self.environment.runtime))
        } catch {
            self.accepts.store(false, ordering: .relaxed)
            return self.end(failure: error)
        }
        self.queue.withLockNotifying { queue in
            // A stop that came meanwhile stays.
            if case .starting = queue.phase { queue.phase = .running }
        }
        var batch: [ServiceRequest] = []
        while self.takeBatch(into: &batch) {
            for request in batch { self.handle(request) }
        }
        service.stop()
        self.end(failure: nil)
    }

    /// Waits for commands. False once the runner stops and none is left.
    private func takeBatch(into batch: inout [ServiceRequest]) -> Bool {
        batch.removeAll(keepingCapacity: true)
        return self.queue.wait { queue in
            if !queue.waiting.isEmpty {
                swap(&queue.waiting, &batch)
                return true
            }
            guard case .stopping = queue.phase else { return nil }
            queue.phase = .finishing
            return false
        }
    }

    private func handle(_ request: ServiceRequest) {
        let timeLeft = request.deadline - self.environment.now()
        let command = Command(
            channel: request.channel, action: request.action, data: request.data, identity: request.identity,
            session: request.session, timeLeft: .nanoseconds(timeLeft.nanoseconds))
        let (loop, slot, generation) = (request.loop, request.slot, request.generation)
        let reply = Reply(maximumDataBytes: self.environment.maximumAnswerBytes) { outcome in
            self.answer(loop, ServiceAnswer(slot: slot, generation: generation, outcome: outcome))
        }
        self.registration.service.handle(command, reply: reply)
    }

    private func answer(_ loop: LoopIndex, _ answer: ServiceAnswer) {
        // First, so that a client that has its answer finds the place free.
        self.release()
        self.environment.answer(loop, answer)
    }

    /// Marks the end, and answers what came too late to be handled.
    private func end(failure: (any Error)?) {
        let left = self.queue.withLockNotifying { queue in
            queue.phase = .ended
            queue.failure = failure
            defer { queue.waiting = [] }
            return queue.waiting
        }
        self.refuse(left)
    }

    private func refuse(_ requests: [ServiceRequest]) {
        for request in requests {
            self.answer(
                request.loop,
                ServiceAnswer(
                    slot: request.slot, generation: request.generation,
                    outcome: .failure(.busy, details: "the service has stopped")))
        }
    }
}
