/// Comparison of JSON values by what they mean: numbers by value whatever their size, strings by code point whatever
/// their escapes, arrays in order, objects whatever the order of their members.
enum JSONComparison {
    static func areEqual(
        _ left: JSONValue, _ leftBytes: Span<UInt8>, _ right: JSONValue, _ rightBytes: Span<UInt8>
    ) -> Bool {
        guard left.kind == right.kind else { return false }
        switch left.kind {
        case .true, .false, .null: return true
        case .number, .string: return self.order(left, leftBytes, right, rightBytes) == 0
        case .array: return self.areArraysEqual(left, leftBytes, right, rightBytes)
        case .object: return self.areObjectsEqual(left, leftBytes, right, rightBytes)
        }
    }

    /// Below 0, 0 or above 0 for two numbers or two strings; nil for anything else.
    static func order(
        _ left: JSONValue, _ leftBytes: Span<UInt8>, _ right: JSONValue, _ rightBytes: Span<UInt8>
    ) -> Int? {
        switch (left.kind, right.kind) {
        case (.number, .number):
            return JSONNumber.compare(
                JSONNumber(left.range, in: leftBytes), in: leftBytes, JSONNumber(right.range, in: rightBytes),
                in: rightBytes)
        case (.string, .string):
            guard let left = left.text, let right = right.text else { return nil }
            return JSONText.compare(left, in: leftBytes, right, in: rightBytes)
        case (.number, _), (.string, _), (.array, _), (.object, _), (.true, _), (.false, _), (.null, _):
            return nil
        }
    }

    private static func areArraysEqual(
        _ left: JSONValue, _ leftBytes: Span<UInt8>, _ right: JSONValue, _ rightBytes: Span<UInt8>
    ) -> Bool {
        guard var leftElements = left.elements, var rightElements = right.elements else { return false }
        while let element = leftElements.next(in: leftBytes) {
            guard let other = rightElements.next(in: rightBytes),
                self.areEqual(element, leftBytes, other, rightBytes)
            else { return false }
        }
        return rightElements.next(in: rightBytes) == nil
    }

    /// Each member of one has its equal in the other, and they have equally many names. The last one of a name counts.
    private static func areObjectsEqual(
        _ left: JSONValue, _ leftBytes: Span<UInt8>, _ right: JSONValue, _ rightBytes: Span<UInt8>
    ) -> Bool {
        let leftMembers = self.members(of: left, leftBytes)
        let rightMembers = self.members(of: right, rightBytes)
        guard leftMembers.count == rightMembers.count else { return false }
        for (name, value) in zip(leftMembers, rightMembers) {
            guard name.name == value.name, self.areEqual(name.value, leftBytes, value.value, rightBytes) else {
                return false
            }
        }
        return true
    }

    /// The members by name, each name once.
    private static func members(of object: JSONValue, _ bytes: Span<UInt8>) -> [(name: [UInt8], value: JSONValue)] {
        var members: [(name: [UInt8], value: JSONValue)] = []
        guard var iterator = object.members else { return members }
        while let member = iterator.next(in: bytes) {
            members.append((member.name.decoded(in: bytes), member.value))
        }
        // Sorting is stable, so of equal names the last one is the last one sent.
        members.sort { $0.name.lexicographicallyPrecedes($1.name) }
        var distinct: [(name: [UInt8], value: JSONValue)] = []
        for member in members {
            if distinct.last?.name == member.name { distinct.removeLast() }
            distinct.append(member)
        }
        return distinct
    }
}
