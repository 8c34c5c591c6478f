import Glibc
import HydrogenProtocol
import HydrogenThreads

/// A bar on standard error, where a person watches.
struct SimulateProgress: Sendable {
    private struct State {
        var doneCount = 0
        var perMille = 0
        var shownAt: ContinuousClock.Instant?
    }

    private let runCount: Int
    private let start = ContinuousClock.now
    private let state = Guarded(State())

    private static let width = 30
    private static let pause = Duration.milliseconds(100)

    /// Nil where standard error is no terminal.
    init?(runCount: Int) {
        guard isatty(STDERR_FILENO) == 1 else { return nil }
        self.runCount = runCount
    }

    func finishedRun() { self.state.withLock { $0.doneCount += 1 } }

    func show(perMille: Int) {
        let now = ContinuousClock.now
        let line = self.state.withLock { state -> String? in
            if let shownAt = state.shownAt, now - shownAt < Self.pause { return nil }
            state.shownAt = now
            // Runs finish in any order; a bar only grows.
            state.perMille = max(state.perMille, min(perMille, 1_000))
            return self.line(state, after: now - self.start)
        }
        if let line { self.write("\r\(line)\u{1b}[K") }
    }

    /// Takes the bar away.
    func clear() { self.write("\r\u{1b}[K") }

    private func line(_ state: State, after time: Duration) -> String {
        let full = state.perMille * Self.width / 1_000
        let bar = String(repeating: "█", count: full) + String(repeating: "░", count: Self.width - full)
        let runs = self.runCount > 1 ? "  \(state.doneCount) of \(self.runCount) runs" : ""
        return "\(bar) \(state.perMille / 10) %\(runs)  \(time.components.seconds) s"
    }

    private func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
