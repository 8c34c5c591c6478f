import Testing

@testable import HydrogenConsole

@Suite struct LineEditorTests {
    /// What stands in the line after these bytes, the cursor as a bar, and the last thing that was more than editing.
    private static func edit(_ bytes: String, history: [String] = []) -> (line: String, outcome: LineEditor.Outcome?) {
        var editor = LineEditor(history: LineHistory(history))
        var decoder = KeyDecoder()
        var last: LineEditor.Outcome?
        for byte in bytes.utf8 {
            guard let key = decoder.take(byte) else { continue }
            let outcome = editor.take(key)
            if outcome != .edited { last = outcome }
        }
        var text = editor.text
        text.insert("|", at: editor.cursor)
        return (String(text), last)
    }

    @Test(arguments: [
        ("abc", "abc|"), ("abc\u{7f}", "ab|"), ("\u{7f}", "|"), ("abc\u{1b}[D\u{1b}[Dx", "ax|bc"),
        ("abc\u{1b}[D\u{1b}[3~", "ab|"), ("abc\u{1b}[3~", "abc|"), ("abc\u{01}x", "x|abc"), ("abc\u{01}\u{05}x", "abcx|"),
        ("abc\u{1b}[H\u{1b}[Cx", "ax|bc"), ("abc\u{1b}[1~x\u{1b}[4~y", "xabcy|"), ("ab cd\u{17}", "ab |"),
        ("ab cd \u{17}\u{17}", "|"), ("ab cd\u{1b}[D\u{0b}", "ab c|"), ("ab cd\u{1b}[D\u{15}", "|d"),
        ("ab cd\u{1b}bx", "ab x|cd"), ("ab cd\u{01}\u{1b}fx", "abx| cd"), ("ab cd\u{1b}[1;5Dx", "ab x|cd"),
        ("ab cd\u{01}\u{1b}[1;5C\u{1b}[1;5Cx", "ab cdx|"), ("äö日本🦄\u{7f}\u{7f}", "äö日|"), ("a\u{1b}[99;99Qb", "ab|"),
        ("a\u{04}", "a|"), ("ab\u{01}\u{04}", "|b"), ("a\tb", "a b|"), ("a\u{00}\u{1f}b", "ab|"), ("a\u{1b}OHb", "b|a"),
    ])
    func keysDoWhatTheySay(_ bytes: String, _ line: String) {
        #expect(Self.edit(bytes).line == line)
    }

    @Test func whatIsEnteredIsHandedOver() {
        #expect(Self.edit("abc\r").outcome == .entered("abc"))
        #expect(Self.edit("abc\r").line == "|")
        #expect(Self.edit("abc\n").outcome == .entered("abc"))
    }

    @Test func theEndAndTheWayOut() {
        #expect(Self.edit("\u{04}").outcome == .ended)
        #expect(Self.edit("\u{03}").outcome == .interrupted(wasEmpty: true))
        #expect(Self.edit("abc\u{03}").outcome == .interrupted(wasEmpty: false))
        #expect(Self.edit("abc\u{03}").line == "|")
        #expect(Self.edit("abc\u{0c}").outcome == .clearScreen)
    }

    @Test func upAndDownGoThroughTheHistory() {
        let history = ["first", "second"]
        let (up, down) = ("\u{1b}[A", "\u{1b}[B")
        #expect(Self.edit(up, history: history).line == "second|")
        #expect(Self.edit(up + up, history: history).line == "first|")
        #expect(Self.edit(up + up + up, history: history).line == "first|")
        #expect(Self.edit("new" + up + up + down, history: history).line == "second|")
        #expect(Self.edit("new" + up + down, history: history).line == "new|")
        #expect(Self.edit(down, history: history).line == "|")
        #expect(Self.edit("third\r" + up, history: history).line == "third|")
        // What was changed on the way is gone once another line is shown.
        #expect(Self.edit(up + "x" + up + down, history: history).line == "second|")
    }

    @Test(arguments: [-1, 0, 1]) func aLineHasABound(_ excess: Int) {
        var editor = LineEditor()
        for _ in 0..<(LineEditor.maximumCount + excess) { _ = editor.take(.character("a")) }
        #expect(editor.text.count == LineEditor.maximumCount + min(excess, 0))
    }

    @Test func theHistoryHasABoundAndNoRepeats() {
        var history = LineHistory(["a", "a", "", "b", "a"])
        #expect(history.lines == ["a", "b", "a"])
        for number in 0..<1_100 { history.append("\(number)") }
        #expect(history.lines.count == LineHistory.maximumCount)
        #expect(history.lines.last == "1099")
    }

    /// A long line is shown around its cursor, and never wider than the terminal.
    @Test(arguments: 0...12) func aLongLineIsCut(_ cursor: Int) {
        var editor = LineEditor()
        for character in "ab日cdefghijk" { _ = editor.take(.character(character)) }
        _ = editor.take(.home)
        for _ in 0..<cursor { _ = editor.take(.right) }
        for columns in [4, 6, 9, 20] {
            let (text, column) = editor.view(promptWidth: 2, columns: columns)
            #expect(2 + DisplayWidth.of(text) < columns)
            #expect(column >= 2 && column < columns)
        }
        #expect(editor.view(promptWidth: 2, columns: 80).text == "ab日cdefghijk")
    }
}
