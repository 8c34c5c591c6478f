/// The bounds of the file service.
public struct FileLimits: Sendable, Hashable {
    /// Bytes of a path, its `/` included.
    public var maximumPathBytes = 1024
    /// Names of a path.
    public var maximumPathDepth = 32
    /// Entries of a folder that `list` looks through; it fails on a larger one.
    public var maximumFolderEntries = 100_000
    /// Bytes of a file that is written.
    public var maximumFileBytes = 1 << 30
    /// Uploads that are open at a time.
    public var maximumUploadCount = 32
    /// Bytes of all open uploads together.
    public var maximumUploadBytes = 1 << 30
    /// An upload ends when nothing came for so long.
    public var uploadTimeoutSeconds = 300

    public init() {}
}
