import Foundation

/// The lines that were entered, kept from time to time: one a line, for the eyes of their owner alone.
struct HistoryFile: Sendable {
    private let path: String

    init(_ path: String) { self.path = path }

    /// Nothing where there is no such file.
    func read() -> LineHistory {
        guard let text = try? String(contentsOfFile: self.path, encoding: .utf8) else { return LineHistory() }
        return LineHistory(text.split(separator: "\n").map(String.init))
    }

    /// Where it cannot be written, nothing is kept.
    func write(_ history: LineHistory) {
        let text = history.lines.map { $0 + "\n" }.joined()
        let manager = FileManager.default
        if !manager.fileExists(atPath: self.path) {
            _ = manager.createFile(atPath: self.path, contents: nil, attributes: [.posixPermissions: 0o600])
        }
        try? text.write(toFile: self.path, atomically: false, encoding: .utf8)
    }
}
