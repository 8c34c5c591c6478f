/// One line of input as it is being edited: text, cursor, and a way back through what was entered before. A value: it
/// reads no keyboard and writes no screen.
package struct LineEditor: Sendable {
    package private(set) var text: [Character] = []
    /// In front of which character the cursor stands.
    package private(set) var cursor = 0
    package private(set) var history: LineHistory
    /// Which line of the history is shown; its count: the new one.
    private var place: Int
    /// What was typed before the way back began.
    private var draft: [Character] = []

    /// The longest line that is taken; what is typed beyond it is not.
    package static let maximumCount = 65_536

    /// What a key led to.
    package enum Outcome: Sendable, Hashable {
        /// The line may look different.
        case edited
        /// The line was entered; a new one begins.
        case entered(String)
        /// Ctrl-C: the line was given up, or there was none.
        case interrupted(wasEmpty: Bool)
        /// Ctrl-D on an empty line.
        case ended
        case clearScreen
    }

    package init(history: LineHistory = LineHistory()) {
        self.history = history
        self.place = history.lines.count
    }

    package mutating func take(_ key: Key) -> Outcome {
        switch key {
        case .character(let character): self.insert(character)
        case .tab: self.insert(" ")
        case .enter: return .entered(self.enter())
        case .backspace: if self.cursor > 0 { self.remove(self.cursor - 1..<self.cursor) }
        case .delete: if self.cursor < self.text.count { self.remove(self.cursor..<self.cursor + 1) }
        case .left: self.cursor = max(0, self.cursor - 1)
        case .right: self.cursor = min(self.text.count, self.cursor + 1)
        case .wordLeft: self.cursor = self.startOfWord
        case .wordRight: self.cursor = self.endOfWord
        case .home: self.cursor = 0
        case .end: self.cursor = self.text.count
        case .up: self.show(self.place - 1)
        case .down: self.show(self.place + 1)
        case .deleteToEnd: self.remove(self.cursor..<self.text.count)
        case .deleteToStart: self.remove(0..<self.cursor)
        case .deleteWord: self.remove(self.startOfWord..<self.cursor)
        case .clearScreen: return .clearScreen
        case .interrupt:
            let wasEmpty = self.text.isEmpty
            self.begin()
            return .interrupted(wasEmpty: wasEmpty)
        case .endOfInput:
            if self.text.isEmpty { return .ended }
            return self.take(.delete)
        }
        return .edited
    }

    private mutating func insert(_ character: Character) {
        guard self.text.count < Self.maximumCount else { return }
        self.text.insert(character, at: self.cursor)
        self.cursor += 1
    }

    private mutating func remove(_ range: Range<Int>) {
        self.text.removeSubrange(range)
        self.cursor = range.lowerBound
    }

    private mutating func enter() -> String {
        let line = String(self.text)
        self.history.append(line)
        self.begin()
        return line
    }

    private mutating func begin() {
        (self.text, self.draft, self.cursor) = ([], [], 0)
        self.place = self.history.lines.count
    }

    /// Shows a line of the history, or what was being typed behind its last.
    private mutating func show(_ place: Int) {
        let count = self.history.lines.count
        guard place >= 0, place <= count, place != self.place else { return }
        if self.place == count { self.draft = self.text }
        self.place = place
        self.text = place == count ? self.draft : Array(self.history.lines[place])
        self.cursor = self.text.count
    }

    private var startOfWord: Int {
        var index = self.cursor
        while index > 0, !Self.isOfWord(self.text[index - 1]) { index -= 1 }
        while index > 0, Self.isOfWord(self.text[index - 1]) { index -= 1 }
        return index
    }

    private var endOfWord: Int {
        var index = self.cursor
        while index < self.text.count, !Self.isOfWord(self.text[index]) { index += 1 }
        while index < self.text.count, Self.isOfWord(self.text[index]) { index += 1 }
        return index
    }

    private static func isOfWord(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_" || character == "-"
    }

    /// What a terminal of so many columns shows: the part of the line around the cursor, and in which column the cursor
    /// is.
    package func view(promptWidth: Int, columns: Int) -> (text: String, cursorColumn: Int) {
        let room = max(1, columns - promptWidth - 1)
        let widths = self.text.map { DisplayWidth.of($0) }
        // From the cursor back as far as there is room, then on.
        var start = self.cursor
        var used = 0
        while start > 0, used + widths[start - 1] <= room {
            start -= 1
            used += widths[start]
        }
        let cursorColumn = used
        var end = self.cursor
        while end < self.text.count, used + widths[end] <= room {
            used += widths[end]
            end += 1
        }
        return (String(self.text[start..<end]), promptWidth + cursorColumn)
    }
}
