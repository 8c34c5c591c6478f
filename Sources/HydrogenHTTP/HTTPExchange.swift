/// One request from its head to its answer; only the daemon's thread touches it.
final class HTTPExchange {
    enum Outcome {
        case answered(HTTPResponse)
        case wanted(@Sendable (HTTPRequest, @escaping HTTPReply) -> Void)
        /// Its answer comes later, under this name.
        case waiting(UInt64)
    }

    /// The most of a request's body that is taken (1 MiB).
    static let maximumBodyByteCount = 1_048_576
    /// What a request that is too large is read to, and dropped, so that its sender reads why; then its connection ends.
    private static let maximumDroppedByteCount = 8 * maximumBodyByteCount

    private(set) var request: HTTPRequest
    private(set) var outcome: Outcome
    private var bodyByteCount = 0

    init(_ head: HTTPRequest, _ admission: HTTPAdmission) {
        self.request = head
        switch admission {
        case .answered(let response): self.outcome = .answered(response)
        case .wanted(let handle): self.outcome = .wanted(handle)
        }
    }

    /// Takes a part of the body, or drops it.
    ///
    /// - Returns: False where the connection is to end.
    func take(_ part: UnsafeBufferPointer<UInt8>) -> Bool {
        self.bodyByteCount += part.count
        switch self.outcome {
        case .wanted where self.bodyByteCount <= Self.maximumBodyByteCount:
            unsafe self.request.body.append(contentsOf: part)
            return true
        case .wanted:
            self.request.body = []
            self.outcome = .answered(.error(status: 413, .tooLarge, "The request has more than 1 MiB."))
            return true
        case .answered(let response):
            return self.bodyByteCount
                <= (response.status == 413 ? Self.maximumDroppedByteCount : Self.maximumBodyByteCount)
        case .waiting:
            return false
        }
    }

    /// Its answer comes later.
    func begin(_ name: UInt64) { self.outcome = .waiting(name) }
}
