import HydrogenProtocol

/// JSON text laid out for people: what fits stands in one line.
package enum JSONLayout {
    private static let width = 110
    private static let maxDepth = 128

    /// The same text over several lines; as it is where it is no JSON.
    package static func pretty(_ text: String) -> String {
        let bytes = Array(text.utf8)
        guard let root = try? JSONScanner.validate(bytes.span, maxDepth: self.maxDepth) else { return text }
        return self.text(of: root, in: bytes, indent: 0, used: 0)
    }

    /// - Parameters:
    ///   - indent: How far the value's own lines are moved in.
    ///   - used: What stands in its first line already.
    private static func text(of value: JSONValue, in bytes: [UInt8], indent: Int, used: Int) -> String {
        let short = self.compact(value, in: bytes)
        guard used + short.utf8.count > self.width else { return short }
        let margin = String(repeating: " ", count: indent + 2)
        var lines: [String] = []
        if var members = value.members {
            while let member = members.next(in: bytes.span) {
                let name = JSONText.quoted(member.name.string(in: bytes.span)) + ": "
                let text = self.text(
                    of: member.value, in: bytes, indent: indent + 2, used: indent + 3 + name.utf8.count)
                lines.append(margin + name + text)
            }
            return "{\n\(lines.joined(separator: ",\n"))\n\(String(repeating: " ", count: indent))}"
        }
        if var elements = value.elements {
            while let element = elements.next(in: bytes.span) {
                lines.append(margin + self.text(of: element, in: bytes, indent: indent + 2, used: indent + 3))
            }
            return "[\n\(lines.joined(separator: ",\n"))\n\(String(repeating: " ", count: indent))]"
        }
        return short
    }

    /// The value in one line, with the usual spaces.
    package static func compact(_ value: JSONValue, in bytes: [UInt8]) -> String {
        if var members = value.members {
            var parts: [String] = []
            while let member = members.next(in: bytes.span) {
                let name = JSONText.quoted(member.name.string(in: bytes.span))
                parts.append("\(name): \(self.compact(member.value, in: bytes))")
            }
            return "{\(parts.joined(separator: ", "))}"
        }
        if var elements = value.elements {
            var parts: [String] = []
            while let element = elements.next(in: bytes.span) { parts.append(self.compact(element, in: bytes)) }
            return "[\(parts.joined(separator: ", "))]"
        }
        return String(decoding: bytes[value.range.indices], as: UTF8.self)
    }
}
