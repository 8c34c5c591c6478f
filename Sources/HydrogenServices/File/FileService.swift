import HydrogenProtocol
import HydrogenThreads

/// The service `file`: the files under one root folder, and nothing outside it.
///
/// A client names files by paths relative to the root, which are walked folder by folder by descriptor without
/// following a symbolic link. Links and special files are not there for clients. The root must lie on one file system,
/// and belong to one server at a time.
public final class FileService: Service {
    /// The folder, within the root, of files that are not complete. Clients do not reach it.
    static let uploadsName = FilePath.reservedPrefix + "uploads"
    /// The action of the event that tells of a change.
    static let changedAction = "changed"

    public let actions = [
        Action("list", "Lists a folder, page by page, sorted by name"),
        Action("stat", "Tells the kind, size and time of a file or folder"),
        Action("read", "Reads a part of a file, as base64 or text"),
        Action("write", "Writes a file, whole or by chunks, atomically"),
        Action("delete", "Deletes a file or an empty folder"),
        Action("move", "Gives a file or folder another path"),
    ]

    let limits: FileLimits
    /// The largest `data` of an answer.
    let maximumAnswerBytes: Int
    let tree: FileTree
    let uploadsFolder: FileDescriptor
    let uploads: Guarded<UploadTable>
    private let context = Guarded<ServiceContext?>(nil)
    let now: @Sendable () -> Instant

    /// - Parameters:
    ///   - root: an existing folder. Links in this path itself are followed.
    ///   - maximumMessageBytes: the server's `MaxMessageBytes`, which bounds what an answer holds.
    public convenience init(
        root: String, maximumMessageBytes: Int, limits: FileLimits = FileLimits()
    ) throws(FileServiceError) {
        let origin = ContinuousClock.now
        try self.init(root: root, maximumMessageBytes: maximumMessageBytes, limits: limits) {
            let (seconds, attoseconds) = origin.duration(to: .now).components
            return Instant(nanoseconds: seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
        }
    }

    /// - Parameter now: the clock by which uploads expire.
    package init(
        root: String, maximumMessageBytes: Int, limits: FileLimits, now: @escaping @Sendable () -> Instant
    ) throws(FileServiceError) {
        do throws(SystemError) {
            let root = try FileDescriptor.openFolder(path: root)
            do throws(SystemError) {
                try root.createFolder(named: Self.uploadsName, permissions: 0o700)
            } catch {
                guard error.meaning == .conflict else { throw error }
            }
            self.uploadsFolder = try root.openFolder(named: Self.uploadsName)
            self.tree = FileTree(root: root)
        } catch {
            throw .root(path: root, reason: error.description)
        }
        self.limits = limits
        self.maximumAnswerBytes = ServiceSizes.maximumDataBytes(maximumMessageBytes: maximumMessageBytes)
        self.uploads = Guarded(UploadTable(limits: limits))
        self.now = now
    }

    public func start(_ context: ServiceContext) throws {
        guard self.uploadsFolder.tryLock() else { throw FileServiceError.inUse }
        // What an earlier process left behind when it was killed.
        var left: [String] = []
        try self.uploadsFolder.forEachEntry { name, _ in
            left.append(name)
            return true
        }
        for name in left { try self.uploadsFolder.removeFile(named: name) }
        self.context.withLock { $0 = context }
    }

    public func stop() {
        for upload in self.uploads.withLock({ $0.uploads }) { self.discard(upload.id) }
        self.context.withLock { $0 = nil }
    }

    public func handle(_ command: Command, reply: consuming Reply) {
        for upload in self.uploads.withLock({ $0.removeExpired(at: self.now()) }) {
            self.removeTemporaryFile(upload.id)
        }
        let result: Result<[UInt8], FileRefusal>
        do throws(FileRefusal) {
            result = .success(try self.perform(command))
        } catch {
            result = .failure(error)
        }
        switch result {
        case .success(let data): reply.succeed(encoded: data)
        case .failure(let refusal): reply.fail(refusal.code, refusal.details)
        }
    }

    private func perform(_ command: Command) throws(FileRefusal) -> [UInt8] {
        switch command.action {
        case "list": try self.list(self.read(command))
        case "stat": try self.stat(self.read(command))
        case "read": try self.read(self.read(command))
        case "write": try self.write(self.read(command), identity: command.identity)
        case "delete": try self.delete(self.read(command))
        case "move": try self.move(self.read(command))
        case let action: throw FileRefusal(.failed, "the action \"\(action)\" is not the file service's")
        }
    }

    private func read<Request: Decodable>(_ command: Command) throws(FileRefusal) -> Request {
        do throws(InvalidData) {
            return try command.decode(Request.self)
        } catch {
            throw FileRefusal(.invalidData, error.description)
        }
    }

    /// Tells subscribers of a change that was made. One that finds no place is lost for them, and logged.
    func publishChange(_ change: FileChange, path: FilePath, from: FilePath? = nil) {
        guard let context = self.context.withLock({ $0 }) else { return }
        var data = JSONObjectWriter()
        data.add("path", path.text)
        data.add("change", change.rawValue)
        if let from { data.add("from", from.text) }
        do throws(PublishError) {
            try context.publish(action: Self.changedAction, encoded: data.finish(), options: EventOptions())
        } catch {
            context.warn("a change was not published: \(error)")
        }
    }

    /// A file in a folder that clients do not see was left behind; nothing else depends on it.
    func removeTemporaryFile(_ name: String) {
        do throws(SystemError) {
            try self.uploadsFolder.removeFile(named: name)
        } catch {
            self.context.withLock { $0 }?.warn("a temporary file was not removed: \(error)")
        }
    }
}

/// Why the file service cannot serve.
public enum FileServiceError: Error, Equatable, CustomStringConvertible {
    case root(path: String, reason: String)
    /// Another server has the same root.
    case inUse

    public var description: String {
        switch self {
        case .root(let path, let reason): "the root \"\(path)\": \(reason)"
        case .inUse: "the root is another server's"
        }
    }
}

/// What the event `changed` says was done.
enum FileChange: String {
    case created, modified, deleted, moved
}
