/// The top-level members of an event's data, located once and shared by all filters and by `conflate_by`.
/// `read` fills it anew for the next event, in the memory that it has.
package typealias EventData = JSONMemberTable

/// Which events a subscription wants, by what their data says.
///
/// Every named member must hold. A bare value means `eq`; an object names operators, all of which must hold, so that an
/// object can only be compared by `{"eq": {…}}`. `eq`, `ne` and `in` compare any values: numbers by value, strings by
/// code point, objects whatever the order of members. `lt` to `gte` hold for two numbers or two strings. A member that
/// is absent satisfies only `"exists": false` and `ne`.
package struct Filter: Sendable, Hashable {
    package enum Fault: Error, Sendable, Hashable, CaseIterable {
        case notAnObject
        /// An object of operators with none in it.
        case noOperator
        case unknownOperator
        /// `in` without an array, or `exists` without `true` or `false`.
        case invalidOperand
    }

    private enum Operator: UInt8, Sendable {
        case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual, oneOf, exists
    }

    private struct Condition: Sendable, Hashable {
        var name: JSONText
        var `operator`: Operator
        var operand: JSONValue
    }

    /// Its JSON text, which names and operands are ranges of.
    private let text: [UInt8]
    private let conditions: [Condition]

    /// - Parameter value: An object of a checked text. How large it may be is the caller's to say.
    package init(_ value: JSONValue, in bytes: Span<UInt8>) throws(Fault) {
        guard value.kind == .object else { throw .notAnObject }
        let text = [UInt8](bytes.extracting(value.range.indices))
        var conditions: [Condition] = []
        var members = JSONObjectIterator(ByteRange(0, text.count))
        while let member = members.next(in: text.span) {
            guard var operators = member.value.members else {
                conditions.append(Condition(name: member.name, operator: .equal, operand: member.value))
                continue
            }
            let count = conditions.count
            while let operation = operators.next(in: text.span) {
                conditions.append(
                    Condition(
                        name: member.name, operator: try Self.operator(operation, in: text.span),
                        operand: operation.value))
            }
            guard conditions.count > count else { throw .noOperator }
        }
        self.text = text
        self.conditions = conditions
    }

    /// Whether an event passes.
    ///
    /// - Parameters:
    ///   - data: The members of its data.
    ///   - bytes: What they are ranges of.
    package func matches(_ data: inout EventData, in bytes: Span<UInt8>) -> Bool {
        let text = self.text.span
        for index in self.conditions.indices {
            let value = self.conditions[index].name.withBytes(in: text) { data.value(of: $0, in: bytes) }
            guard self.holds(index, value, bytes) else { return false }
        }
        return true
    }

    private func holds(_ index: Int, _ value: JSONValue?, _ bytes: Span<UInt8>) -> Bool {
        let operand = self.conditions[index].operand
        let text = self.text.span
        guard let value else {
            return switch self.conditions[index].operator {
            case .notEqual: true
            case .exists: operand.kind == .false
            case .equal, .less, .lessOrEqual, .greater, .greaterOrEqual, .oneOf: false
            }
        }
        switch self.conditions[index].operator {
        case .equal: return JSONValue.areEqual(value, in: bytes, operand, in: text)
        case .notEqual: return !JSONValue.areEqual(value, in: bytes, operand, in: text)
        case .less: return JSONValue.order(value, in: bytes, operand, in: text).map { $0 < 0 } ?? false
        case .lessOrEqual: return JSONValue.order(value, in: bytes, operand, in: text).map { $0 <= 0 } ?? false
        case .greater: return JSONValue.order(value, in: bytes, operand, in: text).map { $0 > 0 } ?? false
        case .greaterOrEqual: return JSONValue.order(value, in: bytes, operand, in: text).map { $0 >= 0 } ?? false
        case .exists: return operand.kind == .true
        case .oneOf:
            var elements = JSONArrayIterator(operand.range)
            while let element = elements.next(in: text) {
                if JSONValue.areEqual(value, in: bytes, element, in: text) { return true }
            }
            return false
        }
    }

    private static func `operator`(_ member: JSONMember, in bytes: Span<UInt8>) throws(Fault) -> Operator {
        if member.name.equals("eq", in: bytes) { return .equal }
        if member.name.equals("ne", in: bytes) { return .notEqual }
        if member.name.equals("lt", in: bytes) { return .less }
        if member.name.equals("lte", in: bytes) { return .lessOrEqual }
        if member.name.equals("gt", in: bytes) { return .greater }
        if member.name.equals("gte", in: bytes) { return .greaterOrEqual }
        if member.name.equals("in", in: bytes) {
            guard member.value.kind == .array else { throw .invalidOperand }
            return .oneOf
        }
        guard member.name.equals("exists", in: bytes) else { throw .unknownOperator }
        guard member.value.bool != nil else { throw .invalidOperand }
        return .exists
    }
}
