import HydrogenProtocol

/// The one answer to a command, to be given once: each way to answer consumes it, and the compiler refuses a second.
/// One that is dropped without an answer replies `application.failed`, so nothing is ever silent.
///
/// It may be answered from any thread. To keep it in a closure or a collection, make it a `DeferredReply`.
public struct Reply: ~Copyable, Sendable {
    /// Nil once answered.
    private var sink: ReplySink?

    /// - Parameters:
    ///   - maximumDataBytes: the largest `data` that fits in a response; a larger one becomes `application.failed`.
    ///   - send: takes the outcome, exactly once, on the thread that answers.
    package init(maximumDataBytes: Int, send: @escaping @Sendable (ServiceAnswer.Outcome) -> Void) {
        self.sink = ReplySink(maximumDataBytes: maximumDataBytes, send: send)
    }

    /// Success without data: `{}`.
    public consuming func succeed() { self.take()?.succeed(encoded: Array("{}".utf8)) }

    /// Success with a value that encodes as a JSON object; anything else becomes `application.failed`.
    public consuming func succeed(_ data: some Encodable) { self.take()?.succeed(data) }

    /// Success with the UTF-8 text of a JSON object; anything else becomes `application.failed`.
    public consuming func succeed(json: [UInt8]) { self.take()?.succeed(json: json) }

    /// Success with a text that is known to be a JSON object.
    consuming func succeed(encoded: [UInt8]) { self.take()?.succeed(encoded: encoded) }

    /// Refuses the command. The client is told the code and a fixed text; the details go to the log alone.
    public consuming func fail(_ code: ServiceErrorCode, _ details: String = "") {
        self.take()?.fail(code, details)
    }

    /// A copyable form, for an answer that is given later by a closure, a task or another thread.
    public consuming func deferred() -> DeferredReply { DeferredReply(self.take()) }

    private mutating func take() -> ReplySink? {
        defer { self.sink = nil }
        return self.sink
    }

    deinit { self.sink?.fail(.failed, "the service dropped the command without an answer") }
}

/// Where an answer goes, and what is checked of it on its way.
struct ReplySink: Sendable {
    let maximumDataBytes: Int
    let send: @Sendable (ServiceAnswer.Outcome) -> Void

    func succeed(_ data: some Encodable) {
        switch JSONObject.encode(data) {
        case .success(let encoded): self.succeed(encoded: encoded)
        case .failure(let error): self.fail(.failed, error.description)
        }
    }

    func succeed(json: [UInt8]) {
        guard JSONObject.isValid(json) else { return self.fail(.failed, "the service's answer is no JSON object") }
        self.succeed(encoded: json)
    }

    func succeed(encoded: [UInt8]) {
        guard encoded.count <= self.maximumDataBytes else {
            return self.fail(.failed, "an answer of \(encoded.count) bytes; allowed: \(self.maximumDataBytes)")
        }
        self.send(.success(encoded))
    }

    func fail(_ code: ServiceErrorCode, _ details: String) {
        self.send(.failure(code.errorCode, details: details))
    }
}
