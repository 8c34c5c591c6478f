/// A value of a checked JSON text: what it is, and where it stands.
package struct JSONValue: Sendable, Hashable {
    package enum Kind: UInt8, Sendable, CaseIterable {
        case object, array, string, number, `true`, `false`, null
    }

    package var kind: Kind
    /// The whole value, quotes and braces included.
    package var range: ByteRange
    /// For strings alone.
    private var hasEscapes: Bool

    @inline(__always)
    init(_ kind: Kind, _ start: Int, _ end: Int, hasEscapes: Bool = false) {
        self.kind = kind
        self.range = ByteRange(start, end)
        self.hasEscapes = hasEscapes
    }

    /// The string that it is.
    package var text: JSONText? {
        guard self.kind == .string else { return nil }
        return JSONText(
            ByteRange(Int(self.range.lowerBound) &+ 1, Int(self.range.upperBound) &- 1), hasEscapes: self.hasEscapes)
    }

    package var bool: Bool? {
        switch self.kind {
        case .true: true
        case .false: false
        case .object, .array, .string, .number, .null: nil
        }
    }

    /// The whole number that it is, however it is written: `1`, `1.0` and `10e-1` are the same. Nil for a fraction, and
    /// beyond 64 bits.
    package func integer(in bytes: Span<UInt8>) -> Int64? {
        guard self.kind == .number else { return nil }
        return JSONNumber(self.range, in: bytes).integer(in: bytes)
    }

    /// The members, where it is an object.
    package var members: JSONObjectIterator? {
        self.kind == .object ? JSONObjectIterator(self.range) : nil
    }

    /// The elements, where it is an array.
    package var elements: JSONArrayIterator? {
        self.kind == .array ? JSONArrayIterator(self.range) : nil
    }

    /// The member of that name, where it is an object: the last one if several have it.
    package func member(_ name: StaticString, in bytes: Span<UInt8>) -> JSONValue? {
        guard var members = self.members else { return nil }
        var found: JSONValue?
        while let member = members.next(in: bytes) {
            if member.name.equals(name, in: bytes) { found = member.value }
        }
        return found
    }
}

/// A member of an object.
package struct JSONMember: Sendable, Hashable {
    package var name: JSONText
    package var value: JSONValue

    package init(name: JSONText, value: JSONValue) {
        self.name = name
        self.value = value
    }
}
