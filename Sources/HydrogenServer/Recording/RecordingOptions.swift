/// Where a server writes down everything that happens to its loops, for `hydrogen replay`.
public struct RecordingOptions: Sendable {
    /// The file: it must not exist. It will hold all traffic, and only its owner can read it.
    public var path: String
    /// How large it may become, in bytes. When it is full the log says so, and the server goes on.
    public var maximumByteCount: Int

    public init(path: String, maximumByteCount: Int = 1 << 30) {
        self.path = path
        self.maximumByteCount = maximumByteCount
    }
}
