import Glibc
import HydrogenThreads

/// A terminal with a line of input at its end: what is shown goes above it, and leaves it as it was. From any thread.
package final class Screen: Sendable {
    private struct State: Sendable {
        var editor: LineEditor
        var decoder = KeyDecoder()
        var isEditing = true
    }

    private let state: Guarded<State>
    private let prompt: String
    private let promptWidth: Int

    package init(prompt: String, history: LineHistory, palette: Palette) {
        self.state = Guarded(State(editor: LineEditor(history: history)))
        self.prompt = palette.paint(prompt, .dim)
        self.promptWidth = DisplayWidth.of(prompt)
        self.state.withLock { self.draw($0) }
    }

    /// Shows lines above the input.
    package func show(_ text: String) {
        self.state.withLock { state in
            StandardOutput.write("\r\u{1b}[K" + text + "\n")
            if state.isEditing { self.draw(state) }
        }
    }

    /// Takes bytes of the keyboard.
    ///
    /// - Parameter perform: Called with what a key led to, under no lock. False ends it: nothing more is drawn.
    package func take(_ bytes: ArraySlice<UInt8>, _ perform: (LineEditor.Outcome) -> Bool) -> Bool {
        for byte in bytes {
            let outcome = self.state.withLock { state -> LineEditor.Outcome? in
                guard let key = state.decoder.take(byte) else { return nil }
                let outcome = state.editor.take(key)
                self.answer(outcome)
                return outcome
            }
            guard let outcome, outcome != .edited, outcome != .clearScreen else { continue }
            guard perform(outcome) else {
                self.end()
                return false
            }
        }
        self.state.withLock { self.draw($0) }
        return true
    }

    /// Takes the line of input away.
    package func end() {
        self.state.withLock { state in
            if state.isEditing { StandardOutput.write("\r\u{1b}[K") }
            state.isEditing = false
        }
    }

    package var history: LineHistory { self.state.withLock { $0.editor.history } }

    /// What a key leaves above the line of input.
    private func answer(_ outcome: LineEditor.Outcome) {
        switch outcome {
        case .entered(let line):
            let shown = JSONPrinter.harmless(Array(line.utf8)[...])
            if !line.isEmpty { StandardOutput.write("\r\u{1b}[K" + self.prompt + shown + "\n") }
        case .interrupted: StandardOutput.write("\n")
        case .clearScreen: StandardOutput.write("\u{1b}[H\u{1b}[2J")
        case .edited, .ended: break
        }
    }

    private func draw(_ state: State) {
        let (text, column) = state.editor.view(promptWidth: self.promptWidth, columns: RawTerminal.columns)
        let move = column > 0 ? "\r\u{1b}[\(column)C" : "\r"
        StandardOutput.write("\r\u{1b}[K" + self.prompt + text + move)
    }
}

/// Standard output without a buffer.
package enum StandardOutput {
    /// Writes all of it; ends the process where nobody reads it any more.
    package static func write(_ text: String) {
        let bytes = Array(text.utf8)
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(
                    STDOUT_FILENO, buffer.baseAddress.map { unsafe $0 + written }, buffer.count - written)
            }
            if count > 0 {
                written += count
            } else if errno != EINTR && errno != EAGAIN {
                exit(1)
            }
        }
    }

    /// Whether a person sees it.
    package static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }
}
