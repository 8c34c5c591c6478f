import HydrogenProtocol

/// What a value in a JSON text may be: the one description that faults, documentation and JSON Schema are made from.
package indirect enum ValueSort: Sendable {
    case boolean
    case integer(ClosedRange<Int>)
    /// A number with fractions; the range is in units of its last decimal place.
    case decimal(ClosedRange<Int>, places: Int)
    /// A number of seconds with fractions down to a millisecond; the range is in milliseconds.
    case seconds(ClosedRange<Int>)
    /// A text like `5m30s`.
    case span(ClosedRange<Interval>)
    /// One of a few words.
    case word([String])
    case text(TextRule)
    /// A text of a small grammar: what is allowed in words, and as a regular expression of ECMA-262.
    case pattern(String, regex: String)
    /// The name of something that the same file defines: a channel, a key …
    case name(of: String)
    case list(of: ValueSort, count: ClosedRange<Int>, isUnique: Bool)
    case object(TableDescription)
    /// An object that is described at its own name: for tables that hold themselves.
    case named(String)
    case either(ValueSort, ValueSort)
    /// Null stands for absence.
    case optional(ValueSort)

    /// The type in words.
    package var typeName: String {
        switch self {
        case .boolean: "true or false"
        case .integer: "a whole number"
        case .decimal: "a number"
        case .seconds: "a number of seconds"
        case .span: "a time like \"5m30s\""
        case .word: "one of these words"
        case .text, .pattern: "a string"
        case .name(let kind): "the name of a \(kind)"
        case .list(of: .text, count: _, isUnique: _): "a list of strings"
        case .list: "a list"
        case .object, .named: "an object"
        case .either(let one, let other): "\(one.typeName) or \(other.typeName)"
        case .optional(.object): "an object or null"
        case .optional(let sort): sort.typeName
        }
    }

    /// What is allowed, for faults and the documentation.
    package var allowed: String {
        switch self {
        case .boolean: "true, false"
        case .integer(let range): "\(range.lowerBound) to \(range.upperBound)"
        case .decimal(let range, let places): Self.text(of: range, places: places)
        case .seconds(let range): Self.text(of: range, places: 3)
        case .span(let range): "\(SpanText.text(of: range.lowerBound)) to \(SpanText.text(of: range.upperBound))"
        case .word(let names): names.map { "\"\($0)\"" }.joined(separator: ", ")
        case .text(let rule): rule.allowed
        case .pattern(let allowed, _): allowed
        case .name(let kind): "the name of a \(kind)"
        case .list(let sort, let count, let isUnique):
            "a list of \(Self.text(of: count))\(isUnique ? ", each once" : ""): \(sort.allowed)"
        case .object(let table): table.name.isEmpty ? "an object" : "an object (\(table.name))"
        case .named(let name): "an object (\(name))"
        case .either(let one, let other): "\(one.allowed), or \(other.allowed)"
        case .optional(.object(let table)): "\(ValueSort.object(table).allowed) or null"
        case .optional(let sort): "null or \(sort.allowed)"
        }
    }

    private static func text(of range: ClosedRange<Int>, places: Int) -> String {
        let ends = [range.lowerBound, range.upperBound].map { ExactDecimal.text($0, places: places) }
        return "\(ends[0]) to \(ends[1]), at most \(places) decimal places"
    }

    private static func text(of count: ClosedRange<Int>) -> String {
        count.lowerBound == 0 ? "at most \(count.upperBound)" : "\(count.lowerBound) to \(count.upperBound)"
    }
}

/// An object and its members, without where the values go: what documentation and JSON Schema need to know.
package struct TableDescription: Sendable {
    /// A member of the object.
    package struct Member: Sendable {
        package let name: String
        package let sort: ValueSort
        package let isRequired: Bool
        /// The JSON text of what holds where it is absent; nil where it is required.
        package let defaultText: String?
        /// A sentence.
        package let summary: String

        package init(name: String, sort: ValueSort, isRequired: Bool, defaultText: String?, summary: String) {
            self.name = name
            self.sort = sort
            self.isRequired = isRequired
            self.defaultText = defaultText
            self.summary = summary
        }
    }

    /// The heading in the documentation; empty for a part that is documented elsewhere.
    package let name: String
    package let summary: String
    package let members: [Member]
    /// Members of which exactly one must be there; empty where there is no such choice.
    package let alternatives: [String]

    package init(name: String, summary: String, members: [Member], alternatives: [String] = []) {
        self.name = name
        self.summary = summary
        self.members = members
        self.alternatives = alternatives
    }
}
