import Synchronization

/// A reply that several places may hold. The first answer counts; each later one returns false and does nothing.
/// When the last reference goes without an answer, it replies `application.failed`.
public final class DeferredReply: Sendable {
    private let sink: ReplySink?
    private let isAnswered = Atomic(false)

    init(_ sink: ReplySink?) { self.sink = sink }

    /// Success without data: `{}`. True if this was the answer.
    @discardableResult
    public func succeed() -> Bool { self.answer { $0.succeed(encoded: Array("{}".utf8)) } }

    /// Success with a value that encodes as a JSON object. True if this was the answer.
    @discardableResult
    public func succeed(_ data: some Encodable) -> Bool { self.answer { $0.succeed(data) } }

    /// Success with the UTF-8 text of a JSON object. True if this was the answer.
    @discardableResult
    public func succeed(json: [UInt8]) -> Bool { self.answer { $0.succeed(json: json) } }

    /// Refuses the command; the details go to the log alone. True if this was the answer.
    @discardableResult
    public func fail(_ code: ServiceErrorCode, _ details: String = "") -> Bool {
        self.answer { $0.fail(code, details) }
    }

    private func answer(_ give: (ReplySink) -> Void) -> Bool {
        guard let sink = self.sink,
            self.isAnswered.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing).exchanged
        else { return false }
        give(sink)
        return true
    }

    deinit { self.fail(.failed, "the service dropped the command without an answer") }
}
