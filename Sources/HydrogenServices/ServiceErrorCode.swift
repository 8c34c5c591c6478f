import HydrogenProtocol

/// What a service can tell a client when it refuses: `application.…` on the wire, with a fixed text.
public enum ServiceErrorCode: String, Sendable, Hashable, CaseIterable {
    /// The command's `data` is not what the action expects.
    case invalidData = "invalid_data"
    /// What the command names does not exist.
    case notFound = "not_found"
    /// It cannot be done in the present state of things.
    case conflict
    /// Not now; the same command may succeed later. The only retryable one.
    case busy
    /// The service itself failed.
    case failed

    package var errorCode: ErrorCode {
        switch self {
        case .invalidData: .invalidData
        case .notFound: .notFound
        case .conflict: .conflict
        case .busy: .busy
        case .failed: .failed
        }
    }
}
