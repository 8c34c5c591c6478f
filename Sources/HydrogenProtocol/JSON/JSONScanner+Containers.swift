extension JSONScanner {
    /// Checks an object or array with everything in it, and returns its end.
    ///
    /// - Parameters:
    ///   - offset: Where its brace or bracket stands.
    ///   - outer: In how many others it stands.
    static func container(
        in bytes: Span<UInt8>, at offset: Int, _ outer: Int, _ maxDepth: Int
    ) throws(JSONFault) -> Int {
        let count = bytes.count
        let limit = min(maxDepth, self.greatestDepth)
        var nesting = JSONNesting()
        var depth = outer
        var index = offset
        var isObject = false
        while true {
            // A value starts at `index`.
            guard index < count else { throw JSONFault(.unexpectedEnd, at: count) }
            switch bytes[index] {
            case UInt8(ascii: "\""):
                index = Int(try self.text(in: bytes, from: index &+ 1).range.upperBound) &+ 1
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard depth < limit else { throw JSONFault(.tooDeep, at: index) }
                nesting.push(isObject, at: depth)
                depth &+= 1
                isObject = bytes[index] == UInt8(ascii: "{")
                index = self.skipWhitespace(in: bytes, from: index &+ 1)
                guard index < count else { throw JSONFault(.unexpectedEnd, at: count) }
                if bytes[index] != (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                    if isObject { index = try self.name(in: bytes, at: index).value }
                    continue
                }
                index &+= 1
                depth &-= 1
                isObject = nesting.isObject(at: depth)
            default:
                index = Int(try self.value(in: bytes, at: index, maxDepth: 0).range.upperBound)
            }
            // A value ends at `index`: close what ends with it.
            while true {
                guard depth > outer else { return index }
                index = self.skipWhitespace(in: bytes, from: index)
                guard index < count else { throw JSONFault(.unexpectedEnd, at: count) }
                let byte = bytes[index]
                if byte == UInt8(ascii: ",") {
                    index = self.skipWhitespace(in: bytes, from: index &+ 1)
                    if isObject { index = try self.name(in: bytes, at: index).value }
                    break
                }
                guard byte == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
                    throw JSONFault(.unexpectedByte, at: index)
                }
                index &+= 1
                depth &-= 1
                isObject = nesting.isObject(at: depth)
            }
        }
    }

    /// Checks the name of a member and its colon, and returns where its value starts.
    @inline(__always)
    static func name(in bytes: Span<UInt8>, at offset: Int) throws(JSONFault) -> (name: JSONText, value: Int) {
        guard offset < bytes.count else { throw JSONFault(.unexpectedEnd, at: bytes.count) }
        guard bytes[offset] == UInt8(ascii: "\"") else { throw JSONFault(.unexpectedByte, at: offset) }
        let name = try self.text(in: bytes, from: offset &+ 1)
        let colon = self.skipWhitespace(in: bytes, from: Int(name.range.upperBound) &+ 1)
        guard colon < bytes.count else { throw JSONFault(.unexpectedEnd, at: bytes.count) }
        guard bytes[colon] == UInt8(ascii: ":") else { throw JSONFault(.unexpectedByte, at: colon) }
        return (name, self.skipWhitespace(in: bytes, from: colon &+ 1))
    }

    /// Goes on behind a member of an object: to the name of the next one, or behind the brace that ends the object.
    @inline(__always)
    static func afterMember(in bytes: Span<UInt8>, at offset: Int) throws(JSONFault) -> (next: Int, isEnd: Bool) {
        let index = self.skipWhitespace(in: bytes, from: offset)
        guard index < bytes.count else { throw JSONFault(.unexpectedEnd, at: index) }
        switch bytes[index] {
        case UInt8(ascii: ","): return (self.skipWhitespace(in: bytes, from: index &+ 1), false)
        case UInt8(ascii: "}"): return (index &+ 1, true)
        default: throw JSONFault(.unexpectedByte, at: index)
        }
    }
}

/// What stands in what: one bit per level, set for an object.
private struct JSONNesting {
    private var bits = InlineArray<16, UInt64>(repeating: 0)

    @inline(__always)
    mutating func push(_ isObject: Bool, at depth: Int) {
        let bit: UInt64 = 1 &<< UInt64(truncatingIfNeeded: depth & 63)
        let word = depth &>> 6
        self.bits[word] = isObject ? self.bits[word] | bit : self.bits[word] & ~bit
    }

    @inline(__always)
    func isObject(at depth: Int) -> Bool {
        self.bits[depth &>> 6] &>> UInt64(truncatingIfNeeded: depth & 63) & 1 == 1
    }
}
