import HydrogenProtocol
import Testing

/// Filters against a naive evaluator of section 3 of the contract.
@Suite struct FilterPropertyTests {
    private struct Condition {
        var name: String
        /// nil: a bare value.
        var operation: String?
        var operand: ModelValue

        func holds(_ value: ModelValue?) -> Bool {
            guard let value else {
                if case .bool(false) = self.operand, self.operation == "exists" { return true }
                return self.operation == "ne"
            }
            switch self.operation ?? "eq" {
            case "eq": return value.equals(self.operand)
            case "ne": return !value.equals(self.operand)
            case "lt": return value.precedes(self.operand) ?? false
            case "gt": return self.operand.precedes(value) ?? false
            case "lte": return self.operand.precedes(value).map { !$0 } ?? false
            case "gte": return value.precedes(self.operand).map { !$0 } ?? false
            case "in":
                guard case .array(let elements) = self.operand else { return false }
                return elements.contains { value.equals($0) }
            default:
                guard case .bool(let isWanted) = self.operand else { return false }
                return isWanted
            }
        }
    }

    private func condition(_ random: inout SeededGenerator) -> Condition {
        let name = random.pick(ModelValue.names)
        let operation = random.pick([nil, "eq", "ne", "lt", "lte", "gt", "gte", "in", "exists"])
        switch operation {
        case "exists": return Condition(name: name, operation: operation, operand: .bool(random.chance(1, in: 2)))
        case "in":
            let elements = (0..<random.below(4)).map { _ in ModelValue.random(&random, depth: 1) }
            return Condition(name: name, operation: operation, operand: .array(elements))
        case nil:
            // A bare object would be read as operators.
            var operand = ModelValue.random(&random, depth: 2)
            while case .object = operand { operand = .random(&random, depth: 2) }
            return Condition(name: name, operation: nil, operand: operand)
        default: return Condition(name: name, operation: operation, operand: .random(&random, depth: 2))
        }
    }

    private func text(_ conditions: [Condition], _ random: inout SeededGenerator) -> String {
        var members: [String] = []
        for condition in conditions {
            let operand = condition.operand.text(&random)
            members.append("\"\(condition.name)\":" + (condition.operation.map { "{\"\($0)\":\(operand)}" } ?? operand))
        }
        return "{\(members.joined(separator: ","))}"
    }

    @Test(arguments: [UInt64(1), 2, 3, 4]) func decidesAsTheNaiveEvaluatorDoes(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var passedCount = 0
        for _ in 0..<1_500 {
            let conditions = (0...random.below(2)).map { _ in self.condition(&random) }
            let text = self.text(conditions, &random)
            let bytes = Array(text.utf8)
            let filter = try Filter(try value(text), in: bytes.span)
            for _ in 0..<4 {
                var data = ModelValue.randomObject(&random, depth: 2)
                // Now and then what the filter asks for stands there.
                if random.chance(1, in: 2), case .object(var members) = data, let condition = conditions.first {
                    members.append((condition.name, condition.operand))
                    data = .object(members)
                }
                let expected = conditions.allSatisfy { $0.holds(data.members?[$0.name]) }
                let dataText = data.text(&random)
                #expect(filter.matches(dataText) == expected, "\(text) on \(dataText)")
                passedCount += expected ? 1 : 0
            }
        }
        // Both verdicts are common.
        #expect(passedCount > 1_000 && passedCount < 5_000)
    }
}
