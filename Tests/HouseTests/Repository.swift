import Foundation

/// The files of the repository, as they lie beside this one.
enum Repository {
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The folders that hold what we wrote.
    static let folders = ["Sources", "Tests", "Scripts", "Examples", "Config", "Documentation"]

    static func text(_ path: String) throws -> String {
        try String(contentsOf: self.root.appending(path: path), encoding: .utf8)
    }

    /// The paths of the files below a folder whose name ends so, in order. What a build or a run left there is no file
    /// of ours.
    static func files(below folder: String, endings: [String]) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: self.root.appending(path: folder).path)
            .filter { path in endings.contains { path.hasSuffix($0) } }
            .filter { !$0.hasPrefix(".build") && !$0.contains("/.build") && !$0.contains("__pycache__") }
            .sorted().map { "\(folder)/\($0)" }
    }

    /// All Swift code of ours that is built into a product.
    static let sources: [SourceFile] = {
        let paths = (try? Repository.files(below: "Sources", endings: [".swift"])) ?? []
        return paths.compactMap { path in (try? Repository.text(path)).map { SourceFile(path: path, code: SwiftCode.lines(of: $0)) } }
    }()

    static func sources(of target: String) -> [SourceFile] {
        self.sources.filter { $0.path.hasPrefix("Sources/\(target)/") }
    }
}

/// A Swift file without comments and the contents of strings.
struct SourceFile: Sendable {
    let path: String
    let code: [String]

    /// The lines that a pattern is found in, each with its place.
    func places(of pattern: Regex<AnyRegexOutput>) -> [String] {
        // Most files have none, and one search is quicker than one for each line.
        guard self.code.joined(separator: "\n").contains(pattern) else { return [] }
        return self.code.indices.filter { self.code[$0].contains(pattern) }.map {
            "\(self.path):\($0 + 1): \(self.code[$0].trimmingCharacters(in: .whitespaces))"
        }
    }
}
