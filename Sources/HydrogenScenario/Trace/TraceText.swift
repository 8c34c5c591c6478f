import HydrogenProtocol

/// A trace: text, one line for each step of a simulation. Two lines stand before them, the format and the whole
/// scenario with its seed and configuration, so that a trace can be repeated by itself; one stands behind them.
package enum TraceText {
    /// The first line.
    package static let magic = "hydrogen-trace 1"
    /// How the last line begins; the number of steps follows.
    static let endMark = "end "

    /// Whether a file that begins so is a trace.
    package static func isTrace(_ bytes: Span<UInt8>) -> Bool {
        let magic = Array("\(self.magic)\n".utf8)
        return bytes.count >= magic.count && bytes.extracting(first: magic.count).isEqual(to: magic.span)
    }

    /// The lines before the first step.
    static func head(of run: Run) -> String { "\(self.magic)\n\(run.file.json(of: run))\n" }

    /// The line behind the last of so many.
    static func end(lineCount: Int) -> String { "\(self.endMark)\(lineCount)\n" }
}
