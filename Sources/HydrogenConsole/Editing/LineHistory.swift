/// The lines that were entered, oldest first, without repeats in a row.
package struct LineHistory: Sendable, Hashable {
    package private(set) var lines: [String] = []
    package static let maximumCount = 1000

    package init(_ lines: [String] = []) {
        for line in lines { self.append(line) }
    }

    package mutating func append(_ line: String) {
        guard !line.isEmpty, line != self.lines.last else { return }
        self.lines.append(line)
        if self.lines.count > Self.maximumCount { self.lines.removeFirst() }
    }
}
