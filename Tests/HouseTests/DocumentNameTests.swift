import Foundation
import Testing

/// What the documentation names, the sources have: a page that tells of what was renamed or is gone fails.
@Suite struct DocumentNameTests {
    private static let paths = Repository.folders.flatMap {
        (try? Repository.files(below: $0, endings: [".swift", ".md"])) ?? []
    }

    private func isWord(_ name: Substring, in text: NSString) -> Bool {
        text.range(of: "\\b\(name)\\b", options: .regularExpression).location != NSNotFound
    }

    /// Whether a file or a folder has this name.
    private func isPath(_ name: Substring) -> Bool { Self.paths.contains { $0.split(separator: "/").contains(name) } }

    @Test func architectureNamesWhatThereIs() throws {
        let code = try Repository.text("Documentation/Architecture.md").matches(of: /`([^`\n]+)`/).map { $0.1 }
        // A file or a folder, a type, or one with a member of it.
        let names = Set(code.filter { $0.wholeMatch(of: /(?:\w+\/)*[A-Z][\w+]*(?:\.[a-z]\w*)?(?:\([^)]*\))?/) != nil })
        #expect(names.count > 60)
        let sources = Repository.sources.compactMap { try? Repository.text($0.path) }.joined() as NSString
        for name in names {
            guard let last = name.split(separator: "/").last, !self.isPath(last) else { continue }
            #expect(last.prefix { $0 != "(" }.split(separator: ".").allSatisfy { self.isWord($0, in: sources) }, "\(name)")
        }
    }
}
