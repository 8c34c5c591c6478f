import Testing

@testable import HydrogenConsole

@Suite struct JSONPrinterTests {
    private static func print(_ json: String, width: Int = 40, hasColours: Bool = false) -> String {
        JSONPrinter(palette: Palette(hasColours: hasColours), width: width).text(of: Array(json.utf8))
    }

    @Test(arguments: [
        ("{}", "{}"), ("[ ]", "[]"), (#"{"a":1,"b":[true,null]}"#, #"{"a": 1, "b": [true, null]}"#),
        ("1.50e+3", "1.50e+3"), ("12345678901234567890", "12345678901234567890"), (#""a\n\u0041""#, #""a\n\u0041""#),
        ("{", "{"), ("", ""),
    ])
    func whatFitsStaysOnALine(_ json: String, _ text: String) {
        #expect(Self.print(json) == text)
    }

    @Test func whatDoesNotFitIsIndented() {
        let json = #"{"identity":"somebody with a long name","list":[1,2],"deep":{"text":"which is long as well, too long"}}"#
        #expect(
            Self.print(json) == """
                {
                  "identity": "somebody with a long name",
                  "list": [1, 2],
                  "deep": {
                    "text": "which is long as well, too long"
                  }
                }
                """)
    }

    @Test func exactlyTheWidthFits() {
        let json = #"{"a":"0123456789012345678901234567"}"#
        let text = #"{"a": "0123456789012345678901234567"}"#
        #expect(Self.print(json, width: text.count) == text)
        #expect(Self.print(json, width: text.count - 1).contains("\n"))
    }

    /// Raw control characters of C1 and marks of direction would be obeyed by a terminal.
    @Test func whatCouldDoHarmIsEscaped() {
        #expect(Self.print("\"\u{9b}31m\"") == #""\u009b31m""#)
        #expect(Self.print("\"\u{202e}abc\u{7f}\"") == #""\u202eabc\u007f""#)
        #expect(Self.print("\u{1b}[31m") == #"\u001b[31m"#)
        #expect(Self.print("\"日本é\"") == "\"日本é\"")
    }

    @Test func coloursAreOnlyWhereTheyAreWanted() {
        #expect(
            Self.print(#"{"a":"b"}"#, hasColours: true)
                == "{\u{1b}[36m\"a\"\u{1b}[0m: \u{1b}[32m\"b\"\u{1b}[0m}")
    }
}
