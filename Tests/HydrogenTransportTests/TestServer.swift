import HydrogenProtocol
import HydrogenShard
import HydrogenThreads
import Testing

@testable import HydrogenTransport

/// The tests that run loops, one after the other: lws writes variables of the process while a context is made, so that
/// none may be made while others are in use.
@Suite(.serialized) enum RunningLoops {}

/// Loops with scripted cores on a free port.
final class TestServer {
    let journal = Journal()
    /// What the loops told of as faults.
    let faults = Journal()
    let handles: [LoopHandle]
    let threads: [LoopThread]
    let port: UInt16

    init(loopCount: Int = 1, configuration: LoopConfiguration? = nil) throws {
        var chosen = configuration ?? LoopConfiguration()
        if configuration == nil { chosen.offersEcho = true }
        let handles = try (0..<loopCount).map { try LoopHandle(index: $0, mailboxCapacity: 1024) }
        let listeners = try ListeningSockets.open(
            address: "127.0.0.1", enableIPv6: false, port: 0, loopCount: loopCount)
        self.port = listeners[0].port
        self.handles = handles
        // Every context before any thread: lws shares variables between contexts while they are made.
        var loops: [EventLoop<ScriptedCore>] = []
        for index in 0..<loopCount {
            loops.append(
                try EventLoop(
                    handle: handles[index], loops: handles, listeners: listeners[index], configuration: chosen,
                    delegate: LoopDelegate(fault: { [faults] _, fault in faults.append("\(fault)") }), core: ScriptedCore(journal: self.journal)))
        }
        var threads: [LoopThread] = []
        for loop in loops {
            nonisolated(unsafe) let loop = loop
            threads.append(try LoopThread.start(loop))
        }
        self.threads = threads
    }

    /// Ends every loop, with what is left on it after the time given, and waits for the threads.
    func stop(within interval: Interval = .milliseconds(0)) {
        for handle in self.handles { handle.stop(deadline: Clock.instant() + interval) }
        for thread in self.threads { thread.join() }
    }
}
