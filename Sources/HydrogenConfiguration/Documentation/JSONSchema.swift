import HydrogenProtocol

/// JSON Schema (draft 2020-12), made from the table of an object. What it refuses, the reader refuses too; the reader
/// also knows what a schema cannot say: names that are not there, times that are too long, rules between members.
package struct JSONSchema {
    private var definitions: [(name: String, text: String)] = []

    /// The whole schema.
    ///
    /// - Parameters:
    ///   - root: The object that a file holds.
    ///   - title: What editors call it.
    package static func text(of root: TableDescription, title: String) -> String {
        var schema = JSONSchema()
        let body = schema.object(root)
        let definitions = schema.definitions.map { "\(JSONText.quoted($0.name)): \($0.text)" }.joined(separator: ", ")
        let text =
            "{\"$schema\": \"https://json-schema.org/draft/2020-12/schema\", \"title\": \(JSONText.quoted(title)), "
            + "\(body.dropFirst().dropLast()), \"$defs\": {\(definitions)}}"
        return JSONLayout.pretty(text) + "\n"
    }

    private mutating func object(_ table: TableDescription) -> String {
        var parts = ["\"type\": \"object\""]
        if !table.summary.isEmpty { parts.append("\"description\": \(JSONText.quoted(table.summary))") }
        let properties = table.members.map { member in
            "\(JSONText.quoted(member.name)): \(self.property(member))"
        }
        if !table.members.isEmpty {
            parts.append("\"properties\": {\(properties.joined(separator: ", "))}")
            parts.append("\"additionalProperties\": false")
        }
        let required = table.members.filter(\.isRequired).map { JSONText.quoted($0.name) }
        if !required.isEmpty { parts.append("\"required\": [\(required.joined(separator: ", "))]") }
        if !table.alternatives.isEmpty {
            let choices = table.alternatives.map { "{\"required\": [\(JSONText.quoted($0))]}" }
            parts.append("\"oneOf\": [\(choices.joined(separator: ", "))]")
        }
        return "{\(parts.joined(separator: ", "))}"
    }

    private mutating func property(_ member: TableDescription.Member) -> String {
        let type = self.type(member.sort)
        let inner = type.dropFirst().dropLast()
        return "{\"description\": \(JSONText.quoted(member.summary))\(inner.isEmpty ? "" : ", \(inner)")}"
    }

    private mutating func type(_ sort: ValueSort) -> String {
        switch sort {
        case .boolean: return "{\"type\": \"boolean\"}"
        case .integer(let range):
            return "{\"type\": \"integer\", \"minimum\": \(range.lowerBound), \"maximum\": \(range.upperBound)}"
        case .decimal(let range, let places): return Self.number(range, places: places)
        case .seconds(let range): return Self.number(range, places: 3)
        case .span: return "{\"type\": \"string\", \"pattern\": \(JSONText.quoted(SpanText.pattern))}"
        case .word(let names): return "{\"enum\": [\(names.map(JSONText.quoted).joined(separator: ", "))]}"
        case .text, .name: return "{\"type\": \"string\"}"
        case .pattern(_, let regex): return "{\"type\": \"string\", \"pattern\": \(JSONText.quoted(regex))}"
        case .list(let sort, let count, let isUnique):
            let least = count.lowerBound > 0 ? ", \"minItems\": \(count.lowerBound)" : ""
            let unique = isUnique ? ", \"uniqueItems\": true" : ""
            return "{\"type\": \"array\", \"items\": \(self.type(sort))\(least), \"maxItems\": \(count.upperBound)\(unique)}"
        case .object(let table):
            guard !table.name.isEmpty else { return self.object(table) }
            if !self.definitions.contains(where: { $0.name == table.name }) {
                // Named before it is described, since it may hold itself.
                let index = self.definitions.count
                self.definitions.append((table.name, ""))
                self.definitions[index].text = self.object(table)
            }
            return Self.reference(table.name)
        case .named(let name): return Self.reference(name)
        case .either(let one, let other): return "{\"anyOf\": [\(self.type(one)), \(self.type(other))]}"
        case .optional(let sort): return "{\"anyOf\": [\(self.type(sort)), {\"type\": \"null\"}]}"
        }
    }

    private static func reference(_ name: String) -> String { "{\"$ref\": \(JSONText.quoted("#/$defs/\(name)"))}" }

    private static func number(_ range: ClosedRange<Int>, places: Int) -> String {
        let ends = [range.lowerBound, range.upperBound].map { ExactDecimal.text($0, places: places) }
        return "{\"type\": \"number\", \"minimum\": \(ends[0]), \"maximum\": \(ends[1])}"
    }
}
