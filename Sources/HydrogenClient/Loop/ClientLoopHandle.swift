import CLibev
import Glibc
import HydrogenProtocol
import HydrogenThreads
import Synchronization

/// What tasks hold of the client's thread: its inbox and the means to wake it.
///
/// The inbox needs no bound of its own: commands and subscriptions are bounded by the core, which refuses those that are
/// too many, and each acknowledgement answers an event that was delivered.
final class ClientLoopHandle: Sendable {
    private enum Phase: Sendable { case idle, running, over }

    private struct Inbox: Sendable {
        var phase = Phase.idle
        var requests: [ClientRequest] = []
    }

    let target: ServerURL
    let key: String?
    let options: HydrogenClient.Options
    let board = ClientBoard()
    /// An eventfd: readable when there is something in the inbox.
    let wakeDescriptor: Int32
    private let inbox = Guarded(Inbox())
    private let isWakePending = Atomic<Bool>(false)
    private let lastRoute = Atomic<RouteNumber>(0)

    init(target: ServerURL, key: String?, options: HydrogenClient.Options) throws(HydrogenClient.Failure) {
        let descriptor = hydrogen_wake_create()
        guard descriptor >= 0 else { throw .system("no descriptor: errno \(errno)") }
        self.wakeDescriptor = descriptor
        self.target = target
        self.key = key
        self.options = options
    }

    deinit { Glibc.close(self.wakeDescriptor) }

    /// A name for a consumer.
    func newRoute() -> RouteNumber { self.lastRoute.add(1, ordering: .relaxed).newValue }

    /// Starts the thread, the first time.
    func start() throws(HydrogenClient.Failure) {
        try self.inbox.withLock { inbox throws(HydrogenClient.Failure) in
            guard case .idle = inbox.phase else { return }
            self.board.change(to: .connecting)
            do throws(SystemThread.StartFailure) {
                // It may be the last to hold the client, and cannot wait for its own end.
                try SystemThread { ClientLoop.run(self) }.detach()
            } catch {
                throw .system("no thread: errno \(error.number)")
            }
            inbox.phase = .running
        }
    }

    /// From any thread, the client's own among them.
    func post(_ request: ClientRequest) {
        let isTaken = self.inbox.withLock { inbox in
            guard case .running = inbox.phase else { return false }
            inbox.requests.append(request)
            return true
        }
        if isTaken { return self.wake() }
        request.refuse()
        if case .close = request { self.closeUnstarted() }
    }

    /// A client that was never started is over at once.
    private func closeUnstarted() {
        let wasIdle = self.inbox.withLock { inbox in
            guard case .idle = inbox.phase else { return false }
            inbox.phase = .over
            return true
        }
        if wasIdle { self.board.stop(.closed) }
    }

    private func wake() {
        guard !self.isWakePending.exchange(true, ordering: .acquiringAndReleasing) else { return }
        hydrogen_wake_send(self.wakeDescriptor)
    }

    /// On the client's thread: what was asked since the last time.
    func takeRequests() -> [ClientRequest] {
        hydrogen_wake_take(self.wakeDescriptor)
        _ = self.isWakePending.exchange(false, ordering: .acquiringAndReleasing)
        return self.inbox.withLock { inbox in
            defer { inbox.requests = [] }
            return inbox.requests
        }
    }

    /// On the client's thread, at its end: nobody looks at the inbox any more.
    func finish() {
        let requests = self.inbox.withLock { inbox in
            inbox.phase = .over
            defer { inbox.requests = [] }
            return inbox.requests
        }
        for request in requests { request.refuse() }
    }
}
