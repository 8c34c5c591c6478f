import HydrogenProtocol

/// A file that arrives in chunks.
struct Upload: Sendable {
    /// Names it to its client, and its temporary file.
    let id: String
    let identity: String
    let path: FilePath
    let creation: FileCreation
    let createsParents: Bool
    /// Bytes that have arrived.
    var size: Int
    /// When the last chunk came.
    var touchedAt: Instant
}

/// The uploads that are open. Their number, their sizes and their time are bounded; where the bytes are is not its
/// business.
struct UploadTable: Sendable {
    let limits: FileLimits
    /// In the order in which they were opened.
    private(set) var uploads: [Upload] = []

    init(limits: FileLimits) { self.limits = limits }

    var totalBytes: Int { self.uploads.reduce(0) { $0 + $1.size } }

    mutating func open(_ upload: Upload) throws(FileRefusal) {
        guard self.uploads.count < self.limits.maximumUploadCount else {
            throw FileRefusal(.busy, "\(self.uploads.count) uploads are open")
        }
        self.uploads.append(upload)
    }

    /// Another identity's upload is not found.
    func find(_ id: String, of identity: String) throws(FileRefusal) -> Upload {
        let upload = self.uploads.first { $0.id == id && $0.identity.utf8.elementsEqual(identity.utf8) }
        guard let upload else {
            throw FileRefusal(.notFound, "no such upload")
        }
        return upload
    }

    func checkFileSize(_ size: Int) throws(FileRefusal) {
        guard size <= self.limits.maximumFileBytes else {
            throw FileRefusal(.invalidData, "a file larger than \(self.limits.maximumFileBytes) bytes")
        }
    }

    /// Whether a chunk fits: after what has arrived or over it, without a gap.
    func check(_ upload: Upload, offset: Int, count: Int) throws(FileRefusal) {
        guard offset >= 0 else { throw FileRefusal(.invalidData, "a negative offset") }
        guard offset <= upload.size else {
            throw FileRefusal(.conflict, "a chunk at \(offset); \(upload.size) bytes have arrived")
        }
        try self.checkFileSize(offset + count)
        let growth = max(0, offset + count - upload.size)
        guard growth <= self.limits.maximumUploadBytes - self.totalBytes else {
            throw FileRefusal(.busy, "the open uploads have \(self.totalBytes) bytes")
        }
    }

    /// A chunk has been written.
    mutating func extend(_ id: String, to end: Int, at now: Instant) {
        for index in self.uploads.indices where self.uploads[index].id == id {
            self.uploads[index].size = max(self.uploads[index].size, end)
            self.uploads[index].touchedAt = now
        }
    }

    mutating func remove(_ id: String) { self.uploads.removeAll { $0.id == id } }

    /// Removes and returns those for which nothing came for too long.
    mutating func removeExpired(at now: Instant) -> [Upload] {
        let timeout = Interval.seconds(Int64(self.limits.uploadTimeoutSeconds))
        let expired = self.uploads.filter { now - $0.touchedAt >= timeout }
        if !expired.isEmpty { self.uploads.removeAll { now - $0.touchedAt >= timeout } }
        return expired
    }
}
