import HydrogenThreads

/// The thread of a loop.
package struct LoopThread: Sendable {
    private let thread: SystemThread

    /// Starts a loop on a thread of its own. The loop belongs to that thread from now on, and is freed there.
    package static func start<Core: LoopCore & ~Copyable>(
        _ loop: sending EventLoop<Core>
    ) throws(TransportError) -> LoopThread {
        try self.start(PreparedLoop(loop))
    }

    /// The same for a loop that was put aside until all loops were made.
    package static func start(_ loop: PreparedLoop) throws(TransportError) -> LoopThread {
        do throws(SystemThread.StartFailure) {
            return LoopThread(thread: try SystemThread { loop.run() })
        } catch {
            throw .thread(code: error.number)
        }
    }

    /// Waits until the loop has ended. Once per thread.
    package func join() { self.thread.join() }
}

/// Carries a loop into its thread.
package final class PreparedLoop: @unchecked Sendable {
    // @unchecked: made on one thread and run on another, never at the same time.
    private var body: (() -> Void)?

    package init<Core: LoopCore & ~Copyable>(_ loop: sending EventLoop<Core>) {
        self.body = { loop.run() }
    }

    /// Runs the loop, and frees it.
    func run() {
        self.body?()
        self.body = nil
    }
}
