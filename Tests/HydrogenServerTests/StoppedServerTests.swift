import Foundation
import HydrogenServices
import HydrogenThreads
import Testing

@testable import HydrogenServer

/// A server that has not started, or has stopped, answers each call of its API at once.
@Suite struct StoppedServerTests {
    static let text = """
        {"WebSocketServer": {"Port": 0, "Interface": "127.0.0.1", "EnableIPv6": false, "SecureMode": "none", "AuthRequired": false,
          "ThreadPoolSize": 2, "DrainTimeout": 1, "Metrics": {"Port": 0}, "Log": {"Level": "error"}}}
        """

    /// Does something with a server that is not started, and removes its files.
    private static func withServer(_ body: (HydrogenServer) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hydrogen-server-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("hydrogen.json")
        try Data(Self.text.utf8).write(to: file)
        try body(HydrogenServer(configuration: .load(from: file.path, environment: [:])))
    }

    /// What a call gives, on a thread of its own; nil where it does not return.
    private static func result<Value: Sendable>(_ call: @escaping @Sendable () -> Value) -> Value? {
        let box = Guarded<Value?>(nil)
        Thread.detachNewThread {
            let value = call()
            box.withLockNotifying { $0 = value }
        }
        return box.wait(atMost: .seconds(30)) { $0 }
    }

    private static func error(_ publish: @escaping @Sendable () throws -> String) -> PublishError? {
        let result = self.result { Result(catching: publish) }
        guard case .failure(let error)? = result else { return nil }
        return error as? PublishError
    }

    private static func everyCall(_ server: HydrogenServer) {
        #expect(self.result { server.connections().count } == 0)
        #expect(self.result { server.disconnect(.identity("anybody")) } == 0)
        #expect(self.result { server.blocks().count } == 0)
        #expect(self.result { server.unblock(address: "192.0.2.1") } == 0)
        for options in [EventOptions(), EventOptions(guaranteed: true), EventOptions(key: "k")] {
            let published = self.error { try server.publish(channel: "print", action: "x", data: ["a": 1], options: options) }
            #expect(published == .stopped)
            let sent = self.error { try server.broadcast(channel: "print", action: "x", data: ["a": 1], options: options) }
            #expect(sent == .stopped)
        }
        #expect(self.result { server.reload() } != nil)
        #expect(self.result { server.drain() } != nil)
    }

    @Test func beforeTheStart() throws { try Self.withServer(Self.everyCall) }

    @Test func afterTheEnd() throws {
        try Self.withServer { server in
            try server.start()
            #expect(Self.result { server.connections().count + server.blocks().count } == 0)
            try server.publish(channel: "print", action: "x", data: ["a": 1])
            server.drain()
            Self.everyCall(server)
            #expect(Self.result { server.waitUntilStopped() } != nil)
            #expect(throws: ServerError.self) { try server.start() }
        }
    }

    /// Whoever asks while the loops end waits no longer than they do.
    @Test func whileItStops() throws {
        try Self.withServer { server in
            try server.start()
            let hasEnded = Guarded(false)
            Thread.detachNewThread {
                while server.state.withLock({ $0.phase }) != .stopped {
                    _ = server.connections()
                    server.disconnect(.identity("anybody"))
                }
                hasEnded.withLockNotifying { $0 = true }
            }
            server.drain()
            #expect(hasEnded.wait(atMost: .seconds(30)) { $0 ? true : nil } != nil)
        }
    }
}
