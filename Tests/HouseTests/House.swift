import Foundation

/// What Package.swift and the table of Documentation/Architecture.md say about the targets.
struct House {
    /// A row of the table.
    struct Row {
        var target: String
        /// The words of its last column: targets without `Hydrogen`, and other modules by their name.
        var imports: [String]
    }

    /// In the order of the table.
    let rows: [Row]
    /// The targets of Package.swift with Swift code in `Sources`, and the modules that each is given.
    let dependencies: [String: Set<String>]

    init() throws {
        self.rows = Self.rows(of: try Repository.text("Documentation/Architecture.md"))
        self.dependencies = Self.dependencies(of: try Repository.text("Package.swift"))
    }

    /// The modules that a target may import: those that its row names, and what of ours those may import.
    func allowed(_ target: String) -> Set<String> {
        guard let place = self.rows.firstIndex(where: { $0.target == target }) else { return [] }
        var allowed: Set<String> = []
        for word in self.rows[place].imports {
            if word == "all" || word == "all below" {
                allowed.formUnion(self.rows[(place + 1)...].map(\.target))
            } else if self.rows.contains(where: { $0.target == "Hydrogen" + word }) {
                allowed.insert("Hydrogen" + word)
                allowed.formUnion(self.allowed("Hydrogen" + word).filter { self.isOurs($0) })
            } else if word != "–" {
                allowed.insert(word)
            }
        }
        return allowed
    }

    func isOurs(_ module: String) -> Bool { self.rows.contains { $0.target == module } }

    /// The modules that the sources of a target import, with the place of one of their import lines.
    func imports(of target: String) throws -> [String: String] {
        let line = try Regex(
            #"^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|private|fileprivate)\s+)?import\s+(?:(?:struct|class|enum|protocol|typealias|func|var|let)\s+)?(\w+)"#)
        var found: [String: String] = [:]
        for file in Repository.sources(of: target) {
            for (number, text) in file.code.enumerated() where text.contains("import ") {
                guard let module = text.firstMatch(of: line)?.output[1].substring else { continue }
                found[String(module)] = "\(file.path):\(number + 1)"
            }
        }
        return found
    }

    // MARK: Reading

    private static func rows(of text: String) -> [Row] {
        text.split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 3, cells[0].hasPrefix("`"), cells[0].lowercased().hasPrefix("`hydrogen"),
                !cells[0].contains("/")
            else { return nil }
            let target = cells[0].replacing("`", with: "")
            let words = cells[2].split(whereSeparator: { ",;".contains($0) }).map { $0.trimmingCharacters(in: .whitespaces) }
            return Row(target: target, imports: words)
        }
    }

    private static func dependencies(of manifest: String) -> [String: Set<String>] {
        let products = self.products(of: manifest)
        var targets: [String: Set<String>] = [:]
        for kind in [".target(", ".executableTarget("] {
            for start in manifest.ranges(of: kind) {
                let call = self.call(in: manifest, from: start.upperBound)
                guard let name = call.firstMatch(of: /name: "(\w+)"/)?.1, !call.contains("path: \"Tests") else { continue }
                let list = (call.firstMatch(of: /dependencies: \[([^\]]*)\]/)?.1).map(String.init) ?? ""
                // A product of a package may be named in place, or by a constant.
                let words = list.replacing(/\.product\(name: ("\w+"), package: "[^"]*"\)/) { "\($0.output.1)" }
                targets[String(name)] = Set(
                    words.split(separator: ",").map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
                        .filter { !$0.isEmpty }
                        .map { $0.hasPrefix("\"") ? $0.replacing("\"", with: "") : products[$0] ?? $0 })
            }
        }
        return targets
    }

    /// `let logging: Target.Dependency = .product(name: "Logging", …)`, by the name of the constant.
    private static func products(of manifest: String) -> [String: String] {
        let constant = /let (\w+): Target\.Dependency = \.product\(name: "(\w+)"/
        return Dictionary(manifest.matches(of: constant).map { (String($0.1), String($0.2)) }, uniquingKeysWith: { $1 })
    }

    /// What stands between the parentheses of a call.
    private static func call(in text: String, from start: String.Index) -> Substring {
        var depth = 1
        var end = start
        while end < text.endIndex {
            if text[end] == "(" { depth += 1 }
            if text[end] == ")" { depth -= 1 }
            if depth == 0 { break }
            end = text.index(after: end)
        }
        return text[start..<end]
    }
}
