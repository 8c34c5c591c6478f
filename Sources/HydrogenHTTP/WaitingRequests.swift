import CMicroHTTPD
import HydrogenThreads

/// The requests whose answer comes later, from any thread. Their connections sleep meanwhile, and are not freed before
/// they are woken.
final class WaitingRequests: Sendable {
    /// Some connections are left for those that do not wait: scrapers and probes.
    static let maximumCount = 192

    private struct Waiting: Sendable {
        /// The address of the connection: libmicrohttpd lets any thread wake it.
        var connection: UInt
        var response: HTTPResponse?
    }

    private struct State: Sendable {
        var requests: [UInt64: Waiting] = [:]
        var lastName: UInt64 = 0
        var isStopped = false
    }

    private let state = Guarded(State())

    /// A request begins to wait.
    ///
    /// - Parameter connection: Its address.
    /// - Returns: Its name; nil if too many wait, or the daemon stops.
    func begin(_ connection: UInt) -> UInt64? {
        self.state.withLock { state in
            guard !state.isStopped, state.requests.count < Self.maximumCount else { return nil }
            state.lastName += 1
            state.requests[state.lastName] = Waiting(connection: connection)
            return state.lastName
        }
    }

    /// Wakes a connection with its answer. A second answer is nothing.
    func answer(_ name: UInt64, _ response: HTTPResponse) {
        self.state.withLock { state in
            guard let waiting = state.requests[name], waiting.response == nil else { return }
            state.requests[name]?.response = response
            // Under the lock: who stops the daemon waits until it is awake.
            unsafe MHD_resume_connection(OpaquePointer(bitPattern: waiting.connection))
        }
    }

    /// The answer of a connection that was woken.
    func take(_ name: UInt64) -> HTTPResponse? {
        self.state.withLock { $0.requests.removeValue(forKey: name)?.response }
    }

    /// The daemon stops: nobody waits any more.
    func answerAll() {
        let names = self.state.withLock { state in
            state.isStopped = true
            return Array(state.requests.keys)
        }
        for name in names { self.answer(name, .error(status: 503, .connectionDraining, "The server stops.")) }
    }
}
