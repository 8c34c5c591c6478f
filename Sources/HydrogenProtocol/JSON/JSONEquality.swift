extension JSONValue {
    /// Whether two values of checked texts are the same: numbers by value, strings without escapes, objects whatever
    /// the order of their members (of several with the same name the last one counts).
    ///
    /// It recurses as deep as both are nested, which the scanner has bounded.
    package static func areEqual(
        _ left: JSONValue, in leftBytes: Span<UInt8>, _ right: JSONValue, in rightBytes: Span<UInt8>
    ) -> Bool {
        guard left.kind == right.kind else { return false }
        switch left.kind {
        case .true, .false, .null: return true
        case .number, .string: return self.order(left, in: leftBytes, right, in: rightBytes) == 0
        case .array:
            var leftElements = JSONArrayIterator(left.range)
            var rightElements = JSONArrayIterator(right.range)
            while let leftElement = leftElements.next(in: leftBytes) {
                guard let rightElement = rightElements.next(in: rightBytes),
                    self.areEqual(leftElement, in: leftBytes, rightElement, in: rightBytes)
                else { return false }
            }
            return rightElements.next(in: rightBytes) == nil
        case .object: return self.areEqualObjects(left, in: leftBytes, right, in: rightBytes)
        }
    }

    /// Negative, zero or positive as the first of two numbers, or of two strings (by code point), comes before, is, or
    /// comes after the second. Nil for all other pairs: they have no order.
    package static func order(
        _ left: JSONValue, in leftBytes: Span<UInt8>, _ right: JSONValue, in rightBytes: Span<UInt8>
    ) -> Int? {
        if let leftText = left.text, let rightText = right.text {
            return JSONText.compare(leftText, in: leftBytes, rightText, in: rightBytes)
        }
        guard left.kind == .number, right.kind == .number else { return nil }
        return JSONNumber.compare(
            JSONNumber(left.range, in: leftBytes), in: leftBytes,
            JSONNumber(right.range, in: rightBytes), in: rightBytes)
    }

    /// The right one, a filter's, is sorted; the left one, an event's, which may be large, is given up at the first
    /// member that the right one does not have.
    private static func areEqualObjects(
        _ left: JSONValue, in leftBytes: Span<UInt8>, _ right: JSONValue, in rightBytes: Span<UInt8>
    ) -> Bool {
        var expected = JSONMemberTable()
        expected.read(JSONObjectIterator(right.range), in: rightBytes)
        expected.removeRepeated(in: rightBytes)
        var found: [JSONValue?] = Array(repeating: nil, count: expected.count)
        var members = JSONObjectIterator(left.range)
        while let member = members.next(in: leftBytes) {
            guard let index = member.name.withBytes(in: leftBytes, { expected.index(of: $0, in: rightBytes) }) else {
                return false
            }
            found[index] = member.value
        }
        for index in found.indices {
            guard let value = found[index],
                self.areEqual(value, in: leftBytes, expected[index].value, in: rightBytes)
            else { return false }
        }
        return true
    }
}
