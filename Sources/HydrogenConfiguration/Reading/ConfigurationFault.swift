/// One thing that is wrong with a configuration.
package struct ConfigurationFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// What it is about: `WebSocketServer.Delivery.AckTimeout`, or a file.
    package let subject: String
    /// What is wrong: `must be a number of seconds, is "x"`.
    package let problem: String
    /// Where it was read: `line 3, column 20`, or the name of a variable of the environment; nil where nothing was.
    package let place: String?
    /// What would be right; nil where that goes without saying.
    package let allowed: String?

    package init(_ subject: String, _ problem: String, at place: String? = nil, allowed: String? = nil) {
        self.subject = subject
        self.problem = problem
        self.place = place
        self.allowed = allowed
    }

    /// The fault in one line, whatever the file holds: control characters are escaped.
    package var description: String {
        let place = self.place.map { " (\($0))" } ?? ""
        let allowed = self.allowed.map { "; allowed: \($0)" } ?? ""
        return VisibleText.escaped("\(self.subject): \(self.problem)\(place)\(allowed)")
    }
}

/// Everything that is wrong with a configuration, in the order of the file and the table.
package struct ConfigurationFaults: Error, Sendable, Equatable, CustomStringConvertible {
    package let faults: [ConfigurationFault]

    package init(_ faults: [ConfigurationFault]) { self.faults = faults }

    /// One line each.
    package var description: String { self.faults.map(\.description).joined(separator: "\n") }
}

/// Text that may come from anywhere, made fit for one line of a terminal.
package enum VisibleText {
    /// Control characters, line separators and marks that turn the direction of writing, as `\u{…}`.
    package static func escaped(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: self.isHidden) else { return text }
        var escaped = ""
        for scalar in text.unicodeScalars {
            if self.isHidden(scalar) {
                escaped += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7f..<0xa0, 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x2069, 0xfeff: true
        default: false
        }
    }
}
