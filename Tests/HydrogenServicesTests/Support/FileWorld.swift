import Foundation
import HydrogenProtocol
import HydrogenThreads
import Testing

@testable import HydrogenServices

/// A temporary folder with a root for the service, and an outside that nobody may reach. Removed at the end.
final class FileWorld: Sendable {
    static let secret = "outside"

    let folder: String
    let service: FileService
    let events = Collector<String>()
    let warnings = Collector<String>()
    private let clock = Guarded(Instant(nanoseconds: 0))

    var root: String { self.folder + "/root" }
    var uploads: String { self.root + "/" + FileService.uploadsName }

    init(limits: FileLimits = FileLimits(), maximumMessageBytes: Int = 65536, isStarted: Bool = true) throws {
        let folder = NSTemporaryDirectory() + "hydrogen-files-\(UUID().uuidString)"
        self.folder = folder
        try FileManager.default.createDirectory(atPath: folder + "/root", withIntermediateDirectories: true)
        try FileManager.default.createDirectory(atPath: folder + "/away", withIntermediateDirectories: true)
        try Data(Self.secret.utf8).write(to: URL(fileURLWithPath: folder + "/away/secret"))
        let clock = self.clock
        self.service = try FileService(
            root: folder + "/root", maximumMessageBytes: maximumMessageBytes, limits: limits
        ) { clock.withLock { $0 } }
        if isStarted { try self.service.start(self.makeContext()) }
    }

    deinit { try? FileManager.default.removeItem(atPath: self.folder) }

    func makeContext() -> ServiceContext {
        ServiceContext(
            channel: "file",
            runtime: .init(
                maximumDataBytes: 65536,
                publish: { [events] event throws(PublishError) in
                    events.append("\(event.channel)/\(event.action) \(String(decoding: event.data, as: UTF8.self))")
                }, warn: { [warnings] in warnings.append($0) }))
    }

    func advance(seconds: Int64) { self.clock.withLock { $0 = $0 + .seconds(seconds) } }

    /// One command, and its answer.
    func call(_ action: String, _ data: [String: Any], as identity: String = "alice") -> ServiceAnswer.Outcome {
        guard let encoded = try? JSONSerialization.data(withJSONObject: data) else {
            return .failure(.malformedJSON, details: "the test's data")
        }
        return self.call(action, text: String(decoding: encoded, as: UTF8.self), as: identity)
    }

    func call(_ action: String, text: String, as identity: String = "alice") -> ServiceAnswer.Outcome {
        let outcomes = Collector<ServiceAnswer.Outcome>()
        let reply = Reply(maximumDataBytes: self.service.maximumAnswerBytes) { outcomes.append($0) }
        self.service.handle(makeCommand(action, text, identity: identity), reply: reply)
        return outcomes.all.count == 1 ? outcomes.all[0] : .failure(.failed, details: "\(outcomes.all.count) answers")
    }

    // What an operator does, past the service.

    func put(_ path: String, _ content: some DataProtocol) throws {
        let url = URL(fileURLWithPath: "\(self.root)/\(path)")
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(content).write(to: url)
    }

    func put(_ path: String, _ text: String) throws { try self.put(path, Array(text.utf8)) }

    func makeFolder(_ path: String) throws {
        try FileManager.default.createDirectory(atPath: "\(self.root)/\(path)", withIntermediateDirectories: true)
    }

    /// The target is taken as it stands, so that a link may lead nowhere.
    func link(_ path: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: "\(self.root)/\(path)", withDestinationPath: target)
    }

    func content(_ path: String) -> String? {
        FileManager.default.contents(atPath: "\(self.root)/\(path)").map { String(decoding: $0, as: UTF8.self) }
    }

    func names(_ path: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    }

    /// What lies outside has not been touched.
    func expectOutsideIsWhole() {
        #expect(self.names(self.folder + "/away") == ["secret"])
        #expect(
            FileManager.default.contents(atPath: self.folder + "/away/secret") == Data(Self.secret.utf8))
    }
}

struct Item: Decodable, Equatable {
    var name: String, kind: String, size: Int, modified: String
}

struct Page: Decodable {
    var items: [Item]
    var next: String?
}

struct Part: Decodable {
    var data: String, encoding: String, offset: Int, size: Int, eof: Bool

    var bytes: [UInt8]? { self.encoding == "text" ? Array(self.data.utf8) : Data(base64Encoded: self.data).map { [UInt8]($0) } }
}

struct Chunk: Decodable {
    var upload: String, offset: Int
}
