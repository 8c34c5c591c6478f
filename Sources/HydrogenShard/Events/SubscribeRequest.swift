import HydrogenProtocol

/// The `data` of a `subscribe`, read.
struct SubscribeRequest: Equatable {
    var topic: [UInt8] = []
    /// The filter's JSON text; empty without one.
    var filter: [UInt8] = []
    var isGuaranteed = false
    var priority: Priority?
    var conflateInterval: Interval?
    var conflateBy: String?

    /// The longest interval of conflation: a day.
    private static let maximumConflateMilliseconds: Int64 = 86_400_000

    init() {}

    /// Reads and checks the request, but for the grammar of topic and filter.
    init(_ data: JSONValue?, in bytes: Span<UInt8>, maxFilterBytes: Int) throws(InvalidData) {
        guard var members = data?.members else { throw InvalidData("topic is missing") }
        while let member = members.next(in: bytes) {
            try self.read(member, in: bytes, maxFilterBytes: maxFilterBytes)
        }
        if self.topic.isEmpty { throw InvalidData("topic is missing") }
        if self.conflateBy != nil, self.conflateInterval == nil {
            throw InvalidData("conflate_by needs conflate_ms")
        }
        if self.isGuaranteed, self.conflateInterval != nil {
            throw InvalidData("conflate_ms does not go with guaranteed")
        }
    }

    private mutating func read(_ member: JSONMember, in bytes: Span<UInt8>, maxFilterBytes: Int) throws(InvalidData) {
        let (name, value) = (member.name, member.value)
        if name.equals("topic", in: bytes) {
            guard let text = value.text else { throw InvalidData("topic must be a string") }
            self.topic = text.decoded(in: bytes)
        } else if name.equals("filter", in: bytes) {
            guard value.kind == .object else { throw InvalidData("filter must be an object") }
            guard value.range.count <= maxFilterBytes else { throw InvalidData("filter is too long") }
            self.filter = bytes.withBytes(value.range) { [UInt8]($0) }
        } else if name.equals("guaranteed", in: bytes) {
            guard let isGuaranteed = value.bool else { throw InvalidData("guaranteed must be true or false") }
            self.isGuaranteed = isGuaranteed
        } else if name.equals("priority", in: bytes) {
            self.priority = try Priority(value, in: bytes)
        } else if name.equals("conflate_ms", in: bytes) {
            guard let milliseconds = value.integer(in: bytes), milliseconds >= 0,
                milliseconds <= Self.maximumConflateMilliseconds
            else { throw InvalidData("conflate_ms must be a whole number from 0 to 86400000") }
            self.conflateInterval = milliseconds == 0 ? nil : .milliseconds(milliseconds)
        } else if name.equals("conflate_by", in: bytes) {
            guard let text = value.text, !text.range.isEmpty else {
                throw InvalidData("conflate_by must name a member")
            }
            self.conflateBy = text.string(in: bytes)
        }
    }
}

/// Why `data` is refused with `application.invalid_data`: fixed text for the wire.
package struct InvalidData: Error {
    package var message: StaticString

    init(_ message: StaticString) { self.message = message }
}

extension Priority {
    init(_ value: JSONValue, in bytes: Span<UInt8>) throws(InvalidData) {
        guard let text = value.text, let priority = Priority.allCases.first(where: { text.equals($0.name, in: bytes) })
        else { throw InvalidData("priority must be critical, high, normal or low") }
        self = priority
    }
}
