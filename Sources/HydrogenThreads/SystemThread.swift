import Glibc

/// A thread of the operating system that runs one body. It is joined or detached, once.
package struct SystemThread: Sendable {
    /// The system gave no thread; the number is its errno.
    package struct StartFailure: Error { package let number: CInt }

    private let handle: pthread_t

    package init(_ body: @escaping @Sendable () -> Void) throws(StartFailure) {
        let box = unsafe Unmanaged.passRetained(Body(run: body))
        var handle = pthread_t()
        // Signals are for the threads that wait for them: the new thread inherits a mask that blocks all.
        var all = sigset_t()
        var previous = sigset_t()
        unsafe sigfillset(&all)
        unsafe pthread_sigmask(SIG_SETMASK, &all, &previous)
        let result = unsafe pthread_create(
            &handle, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, unsafe box.toOpaque())
        unsafe pthread_sigmask(SIG_SETMASK, &previous, nil)
        guard result == 0 else {
            unsafe box.release()
            throw StartFailure(number: result)
        }
        self.handle = handle
    }

    /// True on the thread itself, which cannot wait for its own end.
    package var isCurrent: Bool { pthread_equal(self.handle, pthread_self()) != 0 }

    /// Waits until the body has returned.
    package func join() { pthread_join(self.handle, nil) }

    /// Nobody waits for its end: what the system keeps of it goes with it.
    package func detach() { pthread_detach(self.handle) }

    private final class Body: Sendable {
        let run: @Sendable () -> Void

        init(run: @escaping @Sendable () -> Void) { self.run = run }
    }
}
