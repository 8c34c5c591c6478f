/// `Config/hydrogen.json`, the example for production: every key with a comment, made from the table.
package enum ConfigurationExample {
    /// The whole file.
    package static func json() -> String {
        var writer = Writer()
        writer.line("// The example for production: every key. Where a value is not the default, the comment says so.")
        writer.line(
            "// Documentation/Configuration.md tells about files, environment and reload; `hydrogen check` tells")
        writer.line("// what is wrong. \"reload\": SIGHUP makes a changed value count.")
        writer.line("{")
        writer.depth = 1
        writer.section(ConfigurationTable.rootName, path: "", isLast: true)
        writer.depth = 0
        writer.line("}")
        return writer.text
    }

    private struct Writer {
        var text = ""
        var depth = 0
        private let defaults = Configuration()
        private static let width = 110

        mutating func line(_ line: String) {
            self.text += String(repeating: "  ", count: self.depth) + line + "\n"
        }

        mutating func section(_ name: String, path: String, isLast: Bool) {
            if let key = ConfigurationTable.key(path) { self.comment(key) }
            self.line("\"\(name)\": {")
            self.depth += 1
            let names = ConfigurationTable.names(below: path)
            for name in names {
                let child = path.isEmpty ? name : "\(path).\(name)"
                let isLast = name == names.last
                if ConfigurationTable.isSection(child) {
                    self.section(name, path: child, isLast: isLast)
                } else if let key = ConfigurationTable.key(child) {
                    self.comment(key)
                    let value = key.example ?? key.kind.json(of: self.defaults)
                    self.line("\"\(name)\": \(value)\(isLast ? "" : ",")")
                }
            }
            self.depth -= 1
            self.line(isLast ? "}" : "},")
        }

        private mutating func comment(_ key: ConfigurationKey) {
            var words = key.summary.split(separator: " ").map(String.init)
            if !key.kind.isGroup { words += "Allowed: \(key.kind.allowed).".split(separator: " ").map(String.init) }
            if key.example != nil { words += ["Default:", "\(key.kind.json(of: self.defaults))."] }
            if key.isReloadable { words.append("(reload)") }
            var line = "//"
            for word in words {
                if line.count + word.count + 1 + self.depth * 2 > Self.width {
                    self.line(line)
                    line = "//"
                }
                line += " \(word)"
            }
            self.line(line)
        }
    }
}
