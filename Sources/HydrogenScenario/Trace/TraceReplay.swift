import HydrogenConfiguration
import HydrogenProtocol
import HydrogenThreads
import HydrogenSimulation

/// Does a trace again, and compares each line.
package struct TraceReplay: Sendable {
    /// The first line that is not the same.
    package struct Difference: Sendable, Equatable {
        /// From 1, in the file.
        package let line: Int
        /// nil: the file has no such line.
        package let recorded: String?
        /// nil: the simulation had ended.
        package let repeated: String?

        package init(line: Int, recorded: String?, repeated: String?) {
            self.line = line
            self.recorded = recorded
            self.repeated = repeated
        }
    }

    package let run: Run
    /// The steps, as they were written.
    private let lines: [Substring]
    /// Whether the file has its last line: without it, it was cut.
    package let isWhole: Bool

    /// What stands before the first step.
    private static let headLineCount = 2

    /// - Parameter path: What faults call it.
    package init(_ bytes: [UInt8], path: String) throws(ConfigurationFaults) {
        var lines = String(decoding: bytes, as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
        // Behind the last line feed nothing stands; a line without one was cut.
        lines.removeLast()
        guard lines.count >= Self.headLineCount, lines[0] == TraceText.magic else {
            throw ConfigurationFaults([
                ConfigurationFault(path, "is no trace", allowed: "a file that begins with \"\(TraceText.magic)\"")
            ])
        }
        let file = try ScenarioFile.read(Array(lines[1].utf8), path: path)
        self.run = Run(file, seed: file.seeds[0], isSwarm: file.isSwarm)
        self.isWhole = lines.count > Self.headLineCount && lines.last?.hasPrefix(TraceText.endMark) == true
        self.lines = Array(lines[Self.headLineCount...].dropLast(self.isWhole ? 1 : 0))
    }

    package var lineCount: Int { self.lines.count }

    /// Runs it, and tells the first difference; a file that was cut is compared as far as it goes.
    package func difference() -> Difference? {
        let state = Guarded((count: 0, difference: Difference?.none))
        let lines = self.lines
        let isWhole = self.isWhole
        _ = self.run.result { options in
            options.trace = { line in
                state.withLock { state in
                    defer { state.count += 1 }
                    guard state.difference == nil, state.count < lines.count || isWhole else { return }
                    let recorded = state.count < lines.count ? String(lines[state.count]) : nil
                    if recorded == line { return }
                    state.difference = Difference(
                        line: state.count + Self.headLineCount + 1, recorded: recorded, repeated: line)
                }
            }
        }
        let (count, difference) = state.withLock { $0 }
        if difference == nil, count < lines.count {
            return Difference(
                line: count + Self.headLineCount + 1, recorded: String(lines[count]), repeated: nil)
        }
        return difference
    }
}
