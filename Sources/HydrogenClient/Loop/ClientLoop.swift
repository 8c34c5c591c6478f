import CLibev
import CLibwebsockets
import HydrogenClientCore
import HydrogenProtocol
import HydrogenThreads

/// The client's thread: a libev loop, lws's context on it with one connection at a time, and the core that it drives.
/// Made, used and freed on that thread alone.
@safe final class ClientLoop {
    let handle: ClientLoopHandle
    var key: String?
    var core: ClientCore
    var routes = EventRoutes()
    var connection = ClientConnection()
    var outbox = ClientOutbox()
    /// Who waits for the end of a command.
    var replies: [CommandNumber: CommandRequest.Reply] = [:]
    /// Who waits for the first answer to a subscription.
    var subscribers: [SubscriptionNumber: SubscribeRequest.Reply] = [:]
    let libev: OpaquePointer
    let watchers: ClientWatchers
    /// lws's context and what it points into; nil only when it could not be made.
    private(set) var client: OpaquePointer?
    private var armedDeadline: Instant?

    /// The body of the thread.
    static func run(_ handle: ClientLoopHandle) {
        if let loop = ClientLoop(handle) {
            loop.run()
        } else {
            handle.board.stop(.unreachable("the system has no room for a loop"))
        }
        handle.finish()
    }

    private init?(_ handle: ClientLoopHandle) {
        guard let libev = unsafe hydrogen_loop_create() else { return nil }
        self.handle = handle
        self.key = handle.key
        unsafe self.libev = libev
        self.core = ClientCore(configuration: handle.options.core, seed: UInt64.random(in: .min ... .max))
        unsafe self.watchers = ClientWatchers(libev)
    }

    deinit {
        unsafe hydrogen_client_free(self.client)
        unsafe hydrogen_loop_destroy(self.libev)
    }

    private func run() {
        let me = unsafe Unmanaged.passUnretained(self).toOpaque()
        do throws(HydrogenClient.Failure) {
            unsafe self.client = try makeClient(self.handle, on: self.libev, user: me)
        } catch {
            return self.handle.board.stop(.unreachable("\(error)"))
        }
        guard unsafe hydrogen_client_is_ready(self.client) else {
            self.connection.failure = "libwebsockets made no host"
            return self.tearDown()
        }
        unsafe self.watchers.start(owner: me, wakeDescriptor: self.handle.wakeDescriptor)
        self.core.start(at: Clock.instant())
        self.performEffects()
        unsafe hydrogen_loop_run(self.libev)
        self.watchers.stop()
        self.tearDown()
    }

    /// Ends what is left, and tells everybody.
    private func tearDown() {
        self.connection.isOver = true
        unsafe hydrogen_client_destroy(self.client)
        while unsafe hydrogen_client_context(self.client) != nil { unsafe hydrogen_loop_run_once(self.libev) }
        self.handle.finish()
        self.routes.endAll()
        self.handle.board.stop(self.reason)
    }

    /// Tasks want something.
    func wokeUp() {
        for request in self.handle.takeRequests() {
            self.take(request)
            self.performEffects()
        }
    }

    /// The core's next deadline may have come.
    func deadlineCame() {
        self.armedDeadline = nil
        self.core.advance(to: Clock.instant())
        self.performEffects()
    }

    /// The loop is about to wait for events. What must not happen inside of a callback of lws happens here.
    func endPass() {
        while self.connection.isAbortWanted || self.connection.isWanted {
            if self.connection.isAbortWanted { self.abort() }
            if self.connection.isWanted { unsafe self.connect(self.client) }
        }
        self.armDeadline()
        if self.core.kind == .stopped { unsafe hydrogen_loop_break(self.libev) }
    }

    private func armDeadline() {
        let deadline = self.core.nextDeadline
        guard deadline != self.armedDeadline else { return }
        self.armedDeadline = deadline
        if let deadline {
            self.watchers.armDeadline(after: deadline - Clock.instant())
        } else {
            self.watchers.disarmDeadline()
        }
    }
}
