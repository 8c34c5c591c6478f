import HydrogenProtocol

/// Lays out JSON for people: what fits on a line stays on one, the rest is indented. Values are shown as they were sent;
/// only what could do harm on a terminal is escaped.
package struct JSONPrinter: Sendable {
    private let palette: Palette
    /// Columns of a line.
    private let width: Int

    package init(palette: Palette, width: Int) {
        self.palette = palette
        self.width = max(20, width)
    }

    /// - Parameters:
    ///   - text: Checked or not; what is no JSON is shown as a string.
    ///   - indent: Where its first line begins.
    package func text(of json: [UInt8], indent: Int = 0) -> String {
        guard let value = try? JSONScanner.validate(json.span, maxDepth: JSONScanner.greatestDepth) else {
            return Self.harmless(json[...])
        }
        return self.text(of: value, in: json, indent: indent, used: indent)
    }

    /// - Parameter used: Columns that are taken in front of the value.
    private func text(of value: JSONValue, in bytes: [UInt8], indent: Int, used: Int) -> String {
        switch value.kind {
        case .string: return self.palette.paint(Self.source(value, bytes), .string)
        case .number: return self.palette.paint(Self.source(value, bytes), .number)
        case .true, .false, .null: return self.palette.paint(Self.source(value, bytes), .literal)
        case .object, .array: break
        }
        let parts = self.parts(of: value, in: bytes)
        let (open, close) = value.kind == .object ? ("{", "}") : ("[", "]")
        guard !parts.isEmpty else { return open + close }
        if used + self.flatWidth(of: value, in: bytes) <= self.width {
            let texts = parts.map { self.text(of: $0, in: bytes, indent: indent, used: 0) }
            return open + texts.joined(separator: ", ") + close
        }
        let inner = indent + 2
        let margin = String(repeating: " ", count: inner)
        let lines = parts.map { margin + self.text(of: $0, in: bytes, indent: inner, used: inner) }
        return open + "\n" + lines.joined(separator: ",\n") + "\n" + String(repeating: " ", count: indent) + close
    }

    /// A member or an element.
    private struct Part {
        var name: JSONText?
        var value: JSONValue
    }

    private func parts(of value: JSONValue, in bytes: [UInt8]) -> [Part] {
        var parts: [Part] = []
        if var members = value.members {
            while let member = members.next(in: bytes.span) { parts.append(Part(name: member.name, value: member.value)) }
        } else if var elements = value.elements {
            while let element = elements.next(in: bytes.span) { parts.append(Part(name: nil, value: element)) }
        }
        return parts
    }

    private func text(of part: Part, in bytes: [UInt8], indent: Int, used: Int) -> String {
        guard let name = part.name else { return self.text(of: part.value, in: bytes, indent: indent, used: used) }
        let source = "\"" + Self.harmless(bytes[name.range.indices]) + "\""
        let head = self.palette.paint(source, .name) + ": "
        return head + self.text(of: part.value, in: bytes, indent: indent, used: used + DisplayWidth.of(source) + 2)
    }

    /// The columns that a value takes on one line.
    private func flatWidth(of value: JSONValue, in bytes: [UInt8]) -> Int {
        let plain = JSONPrinter(palette: Palette(hasColours: false), width: Int.max / 2)
        switch value.kind {
        case .object, .array:
            var width = 2
            for (index, part) in self.parts(of: value, in: bytes).enumerated() {
                width += index == 0 ? 0 : 2
                if let name = part.name { width += DisplayWidth.of(Self.harmless(bytes[name.range.indices])) + 4 }
                width += plain.flatWidth(of: part.value, in: bytes)
                if width > self.width { return width }
            }
            return width
        case .string, .number, .true, .false, .null: return DisplayWidth.of(Self.source(value, bytes))
        }
    }

    private static func source(_ value: JSONValue, _ bytes: [UInt8]) -> String {
        self.harmless(bytes[value.range.indices])
    }

    /// Text without what a terminal would obey, or what would show it in another order.
    package static func harmless(_ bytes: ArraySlice<UInt8>) -> String {
        var text = ""
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            switch scalar.value {
            case 0..<0x20, 0x7f..<0xa0, 0x061c, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a...0x202e, 0x2066...0x2069:
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
