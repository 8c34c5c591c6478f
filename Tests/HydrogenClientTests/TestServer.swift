import Foundation
import HydrogenServer
import Logging

/// A whole server on loopback, for the length of a test.
struct TestServer {
    let server: HydrogenServer
    let url: String
    private let folder: URL

    /// - Parameter settings: Members of the configuration beside those that every test needs.
    init(_ settings: String = "", port: Int = 0) throws {
        self.folder = FileManager.default.temporaryDirectory.appendingPathComponent("hydrogen-client-\(UUID())")
        try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
        let file = self.folder.appendingPathComponent("hydrogen.json")
        let text = """
            {"WebSocketServer": {"Port": \(port), "Interface": "127.0.0.1", "EnableIPv6": false, "SecureMode": "none",
              "AuthRequired": false, "AnonymousPermissions": ["*:*"], "ThreadPoolSize": 2, "Metrics": {"Enabled": false},
              "RateLimits": {"ConnectionsPerAddress": null, "MessagesPerConnection": null, "BytesPerConnection": null,
                "MessagesPerIdentity": null}, "Blocking": null, "CloseTimeout": 1, "DrainTimeout": 1\(settings.isEmpty ? "" : ", \(settings)")}}
            """
        try Data(text.utf8).write(to: file)
        var quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        quiet.logLevel = .critical
        self.server = HydrogenServer(
            configuration: try .load(from: file.path, environment: [:]), logger: quiet)
        try self.server.start()
        self.url = "ws://127.0.0.1:\(self.server.port ?? 0)/"
    }

    func stop() {
        self.server.drain()
        self.server.waitUntilStopped()
        try? FileManager.default.removeItem(at: self.folder)
    }
}
