/// Which events of a topic a subscriber wants, by the top-level members of their data: every condition must hold.
///
/// A bare value means `eq`. `eq`, `ne` and `in` compare any JSON values; `lt`, `lte`, `gt`, `gte` numbers with numbers
/// and strings with strings. A member that is absent satisfies only `"exists":false` and `ne`.
package struct Filter: Sendable {
    private enum Operator: Sendable {
        case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual, among, exists

        init?(_ name: JSONText, in bytes: Span<UInt8>) {
            if name.equals("eq", in: bytes) {
                self = .equal
            } else if name.equals("ne", in: bytes) {
                self = .notEqual
            } else if name.equals("lt", in: bytes) {
                self = .less
            } else if name.equals("lte", in: bytes) {
                self = .lessOrEqual
            } else if name.equals("gt", in: bytes) {
                self = .greater
            } else if name.equals("gte", in: bytes) {
                self = .greaterOrEqual
            } else if name.equals("in", in: bytes) {
                self = .among
            } else if name.equals("exists", in: bytes) {
                self = .exists
            } else {
                return nil
            }
        }
    }

    private struct Condition: Sendable {
        var member: [UInt8]
        var test: Operator
        /// Where it stands in `bytes`.
        var operand: JSONValue
    }

    private let bytes: [UInt8]
    private let conditions: [Condition]

    /// Reads a filter; nil for an unknown operator, or an operand that its operator cannot have.
    ///
    /// - Parameter json: the checked text of an object.
    package init?(_ json: [UInt8]) {
        var conditions: [Condition] = []
        var members = JSONObjectIterator(ByteRange(0, json.count))
        while let member = members.next(in: json.span) {
            let name = member.name.decoded(in: json.span)
            guard var tests = member.value.members else {
                conditions.append(Condition(member: name, test: .equal, operand: member.value))
                continue
            }
            while let test = tests.next(in: json.span) {
                guard let condition = Self.condition(on: name, test, in: json.span) else { return nil }
                conditions.append(condition)
            }
        }
        self.bytes = json
        self.conditions = conditions
    }

    private static func condition(on member: [UInt8], _ test: JSONMember, in bytes: Span<UInt8>) -> Condition? {
        guard let name = Operator(test.name, in: bytes) else { return nil }
        switch name {
        case .among: guard test.value.kind == .array else { return nil }
        case .exists: guard test.value.bool != nil else { return nil }
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            guard test.value.kind == .number || test.value.kind == .string else { return nil }
        case .equal, .notEqual: break
        }
        return Condition(member: member, test: name, operand: test.value)
    }

    /// Whether an event's data satisfies every condition.
    package func matches(_ data: inout EventData) -> Bool {
        for condition in self.conditions {
            let value = data.value(of: condition.member)
            guard self.holds(condition, value, data.body) else { return false }
        }
        return true
    }

    private func holds(_ condition: Condition, _ value: JSONValue?, _ body: [UInt8]) -> Bool {
        guard let value else {
            switch condition.test {
            case .notEqual: return true
            case .exists: return condition.operand.bool == false
            case .equal, .less, .lessOrEqual, .greater, .greaterOrEqual, .among: return false
            }
        }
        let operand = condition.operand
        switch condition.test {
        case .exists: return operand.bool == true
        case .equal: return JSONComparison.areEqual(value, body.span, operand, self.bytes.span)
        case .notEqual: return !JSONComparison.areEqual(value, body.span, operand, self.bytes.span)
        case .less: return self.order(value, body, operand).map { $0 < 0 } ?? false
        case .lessOrEqual: return self.order(value, body, operand).map { $0 <= 0 } ?? false
        case .greater: return self.order(value, body, operand).map { $0 > 0 } ?? false
        case .greaterOrEqual: return self.order(value, body, operand).map { $0 >= 0 } ?? false
        case .among:
            guard var elements = operand.elements else { return false }
            while let element = elements.next(in: self.bytes.span) {
                if JSONComparison.areEqual(value, body.span, element, self.bytes.span) { return true }
            }
            return false
        }
    }

    private func order(_ value: JSONValue, _ body: [UInt8], _ operand: JSONValue) -> Int? {
        JSONComparison.order(value, body.span, operand, self.bytes.span)
    }
}
