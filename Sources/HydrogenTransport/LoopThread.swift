import Glibc

/// The thread of a loop.
package struct LoopThread: Sendable {
    private let thread: pthread_t

    /// Starts a loop on a thread of its own. The loop belongs to that thread from now on, and is freed there.
    package static func start<Core: LoopCore & ~Copyable>(
        _ loop: sending EventLoop<Core>
    ) throws(TransportError) -> LoopThread {
        try self.start(PreparedLoop(loop))
    }

    /// The same for a loop that was put aside until all loops were made.
    package static func start(_ loop: PreparedLoop) throws(TransportError) -> LoopThread {
        let box = unsafe Unmanaged.passRetained(loop)
        var thread = pthread_t()
        let code = unsafe pthread_create(
            &thread, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<PreparedLoop>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, box.toOpaque())
        guard code == 0 else {
            unsafe box.release()
            throw .thread(code: code)
        }
        return LoopThread(thread: thread)
    }

    /// Waits until the loop has ended. Once per thread.
    package func join() {
        pthread_join(self.thread, nil)
    }
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
