/// Tables of members for people, in Markdown.
package struct TableDocumentation {
    private var seen: Set<String> = []
    private var sections: [String] = []

    /// A section for each object that a file may hold, the outer ones first.
    ///
    /// - Parameter omitted: The names of objects that are described elsewhere.
    package static func sections(of root: TableDescription, without omitted: Set<String>) -> String {
        var documentation = TableDocumentation()
        documentation.seen = omitted
        documentation.add(root)
        return documentation.sections.joined(separator: "\n\n")
    }

    private mutating func add(_ table: TableDescription) {
        guard !table.name.isEmpty, self.seen.insert(table.name).inserted else { return }
        var text = "### \(table.name)\n\n\(MarkdownText.cell(table.summary))"
        if !table.alternatives.isEmpty {
            text += " Exactly one of \(table.alternatives.map { "`\($0)`" }.joined(separator: ", "))."
        }
        text += "\n\n| key | default | allowed | meaning |\n| --- | --- | --- | --- |\n"
        text += table.members.map { member in
            let isAlternative = table.alternatives.contains(member.name)
            let value = member.isRequired ? "required" : isAlternative ? "–" : "`\(member.defaultText ?? "")`"
            return "| `\(member.name)` | \(value) | \(MarkdownText.cell(member.sort.allowed)) | \(MarkdownText.cell(member.summary)) |"
        }.joined(separator: "\n")
        self.sections.append(text)
        for member in table.members { self.add(member.sort) }
    }

    private mutating func add(_ sort: ValueSort) {
        switch sort {
        case .object(let table): self.add(table)
        case .list(let sort, _, _), .optional(let sort): self.add(sort)
        case .either(let one, let other):
            self.add(one)
            self.add(other)
        case .boolean, .integer, .decimal, .seconds, .span, .word, .text, .pattern, .name, .named: break
        }
    }
}

/// Text for Markdown.
enum MarkdownText {
    /// Text that does not end its cell.
    static func cell(_ text: String) -> String {
        var cell = ""
        for character in text {
            if character == "|" || character == "*" || character == "<" { cell.append("\\") }
            cell.append(character)
        }
        return cell
    }
}
