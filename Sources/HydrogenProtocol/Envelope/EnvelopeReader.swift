/// Reads a client's message. One reader serves one loop: it keeps its buffer from message to message.
///
/// Which fault is told, when there are several:
/// 1. `malformed_json`, anywhere in the message; members that stand before it can be read all the same.
/// 2. `not_an_object`.
/// 3. `too_deep`. The rest of the message is read on; only what is nested beyond `JSONScanner.greatestDepth` ends it.
/// 4. `type`: absent, wrong, repeated, or not a client's.
/// 5. Each other member that the type has, in the order id, timestamp, channel, action, data, auth, auth.token,
///    auth.signature, offset: repeated or wrong, else absent.
/// 6. Any other member named twice in the envelope or in `auth`, without a field.
///
/// A member that is repeated counts as unreadable: nobody can tell which one is meant. A member that the type of the
/// message does not have is ignored like an unknown one: it must be valid JSON, and named once.
package struct EnvelopeReader: Sendable {
    /// What could be read of the last message, also when it was refused.
    package internal(set) var envelope = Envelope()

    /// Members that came, that came with a wrong value, and that came more than once.
    var present = EnvelopeMember.Set()
    var wrong = EnvelopeMember.Set()
    var repeated = EnvelopeMember.Set()
    private var isTooDeep = false
    var repeatsOther = false
    /// The members that are not ours, to find those named twice.
    private var others = JSONMemberTable()

    package init() {}

    /// Reads a message into `envelope`.
    ///
    /// - Parameters:
    ///   - bytes: The whole message.
    ///   - maxDepth: `MaxJSONDepth`, at least 2: the envelope is 1, its `auth` 2.
    /// - Returns: Why it is refused; nil if it is not.
    package mutating func read(_ bytes: Span<UInt8>, maxDepth: Int) -> EnvelopeFault? {
        self.envelope = Envelope()
        self.present = EnvelopeMember.Set()
        self.wrong = EnvelopeMember.Set()
        self.repeated = EnvelopeMember.Set()
        self.isTooDeep = false
        self.repeatsOther = false
        self.others.removeAll()
        do {
            let start = JSONScanner.skipWhitespace(in: bytes, from: 0)
            guard start < bytes.count, bytes[start] == UInt8(ascii: "{") else {
                _ = try JSONScanner.validate(bytes, maxDepth: JSONScanner.greatestDepth)
                return EnvelopeFault(.notAnObject)
            }
            var end = try self.readMembers(of: nil, bytes, from: start &+ 1, maxDepth: maxDepth)
            end = JSONScanner.skipWhitespace(in: bytes, from: end)
            guard end == bytes.count else { return EnvelopeFault(.malformedJSON) }
        } catch {
            return EnvelopeFault(error.kind == .tooDeep ? .tooDeep : .malformedJSON)
        }
        return self.isTooDeep ? EnvelopeFault(.tooDeep) : self.firstFault
    }

    /// Reads the members of the envelope or of its `auth` from behind the brace on, and returns the end of the object.
    private mutating func readMembers(
        of owner: EnvelopeMember?, _ bytes: Span<UInt8>, from start: Int, maxDepth: Int
    ) throws(JSONFault) -> Int {
        let depth = owner == nil ? 1 : 2
        let firstOther = self.others.count
        var index = JSONScanner.skipWhitespace(in: bytes, from: start)
        if index < bytes.count, bytes[index] == UInt8(ascii: "}") { return index &+ 1 }
        while true {
            if let (member, end) = EnvelopeMember.compact(of: owner, in: bytes, at: index) {
                let valueStart = JSONScanner.skipWhitespace(in: bytes, from: end)
                index = try self.readValue(of: member, bytes, at: valueStart, depth: depth, maxDepth: maxDepth)
            } else {
                index = try self.readMember(of: owner, bytes, at: index, depth: depth, maxDepth: maxDepth)
            }
            let (next, isEnd) = try JSONScanner.afterMember(in: bytes, at: index)
            index = next
            if isEnd { break }
        }
        guard self.others.count > firstOther else { return index }
        if self.others.hasRepeatedName(from: firstOther, in: bytes) { self.repeatsOther = true }
        self.others.removeLast(to: firstOther)
        return index
    }

    /// Reads a member of any name, in any form, and returns its end.
    @inline(never)
    private mutating func readMember(
        of owner: EnvelopeMember?, _ bytes: Span<UInt8>, at index: Int, depth: Int, maxDepth: Int
    ) throws(JSONFault) -> Int {
        let (name, valueStart) = try JSONScanner.name(in: bytes, at: index)
        let member =
            owner == nil ? EnvelopeMember(envelopeName: name, in: bytes) : EnvelopeMember(authName: name, in: bytes)
        if let member {
            return try self.readValue(of: member, bytes, at: valueStart, depth: depth, maxDepth: maxDepth)
        }
        let value = try self.value(bytes, at: valueStart, depth: depth, maxDepth: maxDepth)
        self.others.append(JSONMember(name: name, value: value))
        return Int(value.range.upperBound)
    }

    /// Reads the value of a member that is ours, and returns its end.
    @inline(__always)
    private mutating func readValue(
        of member: EnvelopeMember, _ bytes: Span<UInt8>, at start: Int, depth: Int, maxDepth: Int
    ) throws(JSONFault) -> Int {
        guard start < bytes.count else { throw JSONFault(.unexpectedEnd, at: bytes.count) }
        if member.isText, bytes[start] == UInt8(ascii: "\"") {
            let text = try JSONScanner.text(in: bytes, from: start &+ 1)
            self.take(member, text, bytes)
            return Int(text.range.upperBound) &+ 1
        }
        if member == .auth, bytes[start] == UInt8(ascii: "{") {
            self.note(.auth, isRight: true)
            return try self.readMembers(of: .auth, bytes, from: start &+ 1, maxDepth: maxDepth)
        }
        let value = try self.value(bytes, at: start, depth: depth, maxDepth: maxDepth)
        self.take(member, value, bytes)
        return Int(value.range.upperBound)
    }

    /// Checks a value; one that is too deep is noted, and read on as far as the scanner goes.
    @inline(__always)
    private mutating func value(
        _ bytes: Span<UInt8>, at offset: Int, depth: Int, maxDepth: Int
    ) throws(JSONFault) -> JSONValue {
        do {
            return try JSONScanner.value(in: bytes, at: offset, depth: depth, maxDepth: maxDepth)
        } catch {
            guard error.kind == .tooDeep else { throw error }
            self.isTooDeep = true
            return try JSONScanner.value(in: bytes, at: offset, depth: depth, maxDepth: JSONScanner.greatestDepth)
        }
    }
}
