/// Goes through the members of an object that was checked before.
package struct JSONObjectIterator: Sendable {
    private var index: Int

    /// - Parameter range: The object with its braces.
    package init(_ range: ByteRange) {
        self.index = Int(range.lowerBound) &+ 1
    }

    package mutating func next(in bytes: Span<UInt8>) -> JSONMember? {
        guard let start = JSONScanner.nextElement(in: bytes, from: self.index),
            let (name, valueStart) = try? JSONScanner.name(in: bytes, at: start),
            let value = JSONScanner.checkedValue(in: bytes, at: valueStart)
        else { return nil }
        self.index = Int(value.range.upperBound)
        return JSONMember(name: name, value: value)
    }
}

/// Goes through the elements of an array that was checked before.
package struct JSONArrayIterator: Sendable {
    private var index: Int

    /// - Parameter range: The array with its brackets.
    package init(_ range: ByteRange) {
        self.index = Int(range.lowerBound) &+ 1
    }

    package mutating func next(in bytes: Span<UInt8>) -> JSONValue? {
        guard let start = JSONScanner.nextElement(in: bytes, from: self.index),
            let value = JSONScanner.checkedValue(in: bytes, at: start)
        else { return nil }
        self.index = Int(value.range.upperBound)
        return value
    }
}

extension JSONScanner {
    /// Where the next element of a checked container starts; nil at its end.
    fileprivate static func nextElement(in bytes: Span<UInt8>, from offset: Int) -> Int? {
        var index = self.skipWhitespace(in: bytes, from: offset)
        guard index < bytes.count else { return nil }
        if bytes[index] == UInt8(ascii: ",") { index = self.skipWhitespace(in: bytes, from: index &+ 1) }
        guard index < bytes.count, bytes[index] != UInt8(ascii: "}"), bytes[index] != UInt8(ascii: "]") else {
            return nil
        }
        return index
    }

    /// The value at an offset of a checked text.
    fileprivate static func checkedValue(in bytes: Span<UInt8>, at offset: Int) -> JSONValue? {
        try? self.value(in: bytes, at: offset, maxDepth: self.greatestDepth)
    }
}
