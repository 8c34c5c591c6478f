import HydrogenProtocol

/// The `data` of a `publish`, read.
package struct PublishRequest {
    package var action: [UInt8] = []
    /// Where the event's data stands; nil stands for `{}`.
    package var data: ByteRange?
    package var priority: Priority = .normal
    package var isRetained = false
    package var isGuaranteed = false
    package var wantsCount = false
    package var key: [UInt8]?
    package var audience: Audience = .subscribers

    package static let maximumKeyByteCount = 128

    package init(_ data: JSONValue?, in bytes: Span<UInt8>) throws(InvalidData) {
        guard var members = data?.members else { throw InvalidData("action is missing") }
        while let member = members.next(in: bytes) { try self.read(member, in: bytes) }
        if self.action.isEmpty { throw InvalidData("action is missing") }
    }

    private mutating func read(_ member: JSONMember, in bytes: Span<UInt8>) throws(InvalidData) {
        let (name, value) = (member.name, member.value)
        if name.equals("action", in: bytes) {
            guard let text = value.text, text.withBytes(in: bytes, ActionName.isValid) else {
                throw InvalidData("action must be segments of lower case letters, digits, _ and - joined by dots")
            }
            self.action = text.decoded(in: bytes)
        } else if name.equals("data", in: bytes) {
            guard value.kind == .object else { throw InvalidData("data must be an object") }
            self.data = value.range
        } else if name.equals("guaranteed", in: bytes) {
            self.isGuaranteed = try Self.bool(value, "guaranteed must be true or false")
        } else if name.equals("priority", in: bytes) {
            self.priority = try Priority(value, in: bytes)
        } else if name.equals("retain", in: bytes) {
            self.isRetained = try Self.bool(value, "retain must be true or false")
        } else if name.equals("count", in: bytes) {
            self.wantsCount = try Self.bool(value, "count must be true or false")
        } else if name.equals("key", in: bytes) {
            guard let key = value.text?.decoded(in: bytes), !key.isEmpty, key.count <= Self.maximumKeyByteCount else {
                throw InvalidData("key must be a string of 1 to 128 bytes")
            }
            self.key = key
        } else if name.equals("to", in: bytes) {
            self.audience = try Audience(value, in: bytes)
        }
    }

    private static func bool(_ value: JSONValue, _ message: StaticString) throws(InvalidData) -> Bool {
        guard let bool = value.bool else { throw InvalidData(message) }
        return bool
    }
}

extension Audience {
    /// `{"identity"?, "session"?, "all"?}`.
    init(_ value: JSONValue, in bytes: Span<UInt8>) throws(InvalidData) {
        guard var members = value.members else { throw InvalidData("to must be an object") }
        var identity: String?
        var session: String?
        var isForAll = false
        while let member = members.next(in: bytes) {
            if member.name.equals("identity", in: bytes) {
                guard let text = member.value.text else { throw InvalidData("to.identity must be a string") }
                identity = text.string(in: bytes)
            } else if member.name.equals("session", in: bytes) {
                guard let text = member.value.text else { throw InvalidData("to.session must be a string") }
                session = text.string(in: bytes)
            } else if member.name.equals("all", in: bytes) {
                guard let bool = member.value.bool else { throw InvalidData("to.all must be true or false") }
                isForAll = bool
            }
        }
        switch (identity, session, isForAll) {
        case (nil, nil, false): self = .subscribers
        case (nil, nil, true): self = .all
        case (_?, _, true), (nil, _?, true): throw InvalidData("to.all excludes identity and session")
        case (let identity?, let session?, false): self = .identityAndSession(identity: identity, session: session)
        case (let identity?, nil, false): self = .identity(identity)
        case (nil, let session?, false): self = .session(session)
        }
    }
}
