import HydrogenProtocol
import Testing

@Suite struct JSONScannerTests {
    static let accepted: [String] = [
        "{}", "[]", "null", "true", "false", "0", "-0", "1", "-1", "10", "0.5", "-0.0", "1e1", "1E1", "1e+1", "1e-1",
        "1.25E-07", "0e0", "123456789012345678901234567890", "1e99999", "-1e-99999", "\"\"", "\"a\"", "\"/\"",
        "\" !#$%&'()*+,-.;<=>?@^_`{|}~\"", "[1,2]", "[[],{}]", "[{\"a\":[]}]", "{\"\":0}", "{\"a\":{\"b\":{\"c\":null}}}",
        "{\"a\":1,\"a\":2}", "\t\n\r {\t\n\r \"a\"\t\n\r :\t\n\r 1\t\n\r ,\t\n\r \"b\" : [ 1 , 2 ] }\t\n\r ",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\u0000\"", "\"\\u0061\\u00E4\\u20ac\"", "\"\\uD83D\\uDE00\"", "\"\\udbff\\udfff\"",
        "\"\\ud7ff\\ue000\\uffff\"", "\"\\ufeff\"", "\"\u{7f}\u{80}\u{7ff}\u{800}\u{d7ff}\u{e000}\u{ffff}\u{10000}\u{10ffff}\"",
        "\"äöü€日本語😀\"", "\"\u{2028}\u{2029}\u{feff}\"", "[\"abcdefg\",\"abcdefgh\",\"abcdefghi\",\"abcdefghijklmnopq\"]",
    ]

    @Test(arguments: accepted) func acceptsWhatTheGrammarAllows(_ text: String) {
        #expect(scan(text).fault == nil)
    }

    /// A text, its fault, and where it is.
    static let refused: [(String, String)] = [
        ("", "unexpectedEnd 0"), (" ", "unexpectedEnd 1"), ("{", "unexpectedEnd 1"), ("[", "unexpectedEnd 1"),
        ("[1", "unexpectedEnd 2"), ("[1,", "unexpectedEnd 3"), ("{\"a\"", "unexpectedEnd 4"), ("{\"a\":", "unexpectedEnd 5"),
        ("{\"a\":1", "unexpectedEnd 6"), ("{\"a\":1,", "unexpectedEnd 7"), ("\"", "unexpectedEnd 1"), ("\"abc", "unexpectedEnd 4"),
        ("\"\\", "unexpectedEnd 2"), ("\"\\u12", "unexpectedEnd 5"), ("\"\\ud83d", "unexpectedEnd 7"),
        ("\"\\ud83d\\", "unexpectedEnd 8"), ("\"\\ud83d\\u", "unexpectedEnd 9"), ("t", "unexpectedEnd 1"), ("tru", "unexpectedEnd 3"),
        ("-", "unexpectedEnd 1"), ("1.", "unexpectedEnd 2"), ("1e", "unexpectedEnd 2"), ("1e+", "unexpectedEnd 3"),
        ("]", "unexpectedByte 0"), ("}", "unexpectedByte 0"), (",", "unexpectedByte 0"), (":", "unexpectedByte 0"),
        ("[1,]", "unexpectedByte 3"), ("[,1]", "unexpectedByte 1"), ("[1 2]", "unexpectedByte 3"), ("[1}", "unexpectedByte 2"),
        ("[1,,2]", "unexpectedByte 3"), ("{1:2}", "unexpectedByte 1"), ("{\"a\" 1}", "unexpectedByte 5"), ("{\"a\":1]", "unexpectedByte 6"),
        ("{\"a\":1,}", "unexpectedByte 7"), ("{,}", "unexpectedByte 1"), ("{\"a\":}", "unexpectedByte 5"), ("{\"a\"}", "unexpectedByte 4"),
        ("{\"a\":1:2}", "unexpectedByte 6"), ("{a:1}", "unexpectedByte 1"), ("['a']", "unexpectedByte 1"), ("nul1", "unexpectedByte 3"),
        ("True", "unexpectedByte 0"), ("NaN", "unexpectedByte 0"), ("Infinity", "unexpectedByte 0"), ("-Infinity", "unexpectedByte 1"),
        ("+1", "unexpectedByte 0"), (".5", "unexpectedByte 0"), ("-.5", "unexpectedByte 1"), ("1.e1", "unexpectedByte 2"),
        ("1.x", "unexpectedByte 2"), ("1ex", "unexpectedByte 2"), ("--1", "unexpectedByte 1"), ("/**/1", "unexpectedByte 0"),
        ("[1//\n]", "unexpectedByte 2"), ("\u{feff}{}", "unexpectedByte 0"), ("\u{a0}1", "unexpectedByte 0"), ("\u{b}1", "unexpectedByte 0"),
        ("\u{c}1", "unexpectedByte 0"), ("\0", "unexpectedByte 0"), ("[\"a\"\0]", "unexpectedByte 4"),
        ("01", "trailingBytes 1"), ("-01", "trailingBytes 2"), ("1 2", "trailingBytes 2"), ("{}{}", "trailingBytes 2"), ("[]]", "trailingBytes 2"),
        ("nulll", "trailingBytes 4"), ("1.0.0", "trailingBytes 3"), ("0x1", "trailingBytes 1"), ("\"a\"b", "trailingBytes 3"), ("1\0", "trailingBytes 1"),
        ("\"\u{1}\"", "controlCharacter 1"), ("\"a\n\"", "controlCharacter 2"), ("\"\t\"", "controlCharacter 1"), ("\"\0\"", "controlCharacter 1"),
        ("\"\u{1f}\"", "controlCharacter 1"), ("\"abcdefgh\u{1f}abcdefgh\"", "controlCharacter 9"), ("{\"\n\":1}", "controlCharacter 2"),
        ("\"\\x41\"", "invalidEscape 1"), ("\"\\'\"", "invalidEscape 1"), ("\"\\U0041\"", "invalidEscape 1"), ("\"\\u00g0\"", "invalidEscape 1"),
        ("\"\\u 123\"", "invalidEscape 1"), ("\"\\\n\"", "invalidEscape 1"), ("\"\\ud83d\\u00g0\"", "invalidEscape 7"), ("\"ab\\0\"", "invalidEscape 3"),
        ("\"\\ud83d\"", "loneSurrogate 1"), ("\"\\ude00\"", "loneSurrogate 1"), ("\"\\ud83dx\"", "loneSurrogate 1"), ("\"\\ud83d\\n\"", "loneSurrogate 1"),
        ("\"\\ud83d\\ud83d\"", "loneSurrogate 1"), ("\"\\ud83d\\u0061\"", "loneSurrogate 1"), ("\"\\ude00\\ud83d\"", "loneSurrogate 1"),
        ("{\"\\udfff\":1}", "loneSurrogate 2"), ("\"\\ud83d\\ude00\\udc00\"", "loneSurrogate 13"),
    ]

    @Test(arguments: refused) func refusesWithKindAndPlace(_ text: String, _ expected: String) {
        #expect(scan(text).fault?.kindAndOffset == expected)
    }

    /// Sequences inside a string, and whether they are UTF-8 (RFC 3629 §4).
    static let sequences: [([UInt8], Bool)] = [
        ([0x7f], true), ([0x80], false), ([0xbf], false), ([0xc0, 0x80], false), ([0xc1, 0xbf], false), ([0xc2, 0x80], true),
        ([0xc2, 0x7f], false), ([0xc2, 0xc0], false), ([0xdf, 0xbf], true), ([0xe0, 0x80, 0x80], false), ([0xe0, 0x9f, 0xbf], false),
        ([0xe0, 0xa0, 0x80], true), ([0xe1, 0x80, 0x80], true), ([0xe1, 0x80, 0x7f], false), ([0xec, 0xbf, 0xbf], true), ([0xed, 0x9f, 0xbf], true),
        ([0xed, 0xa0, 0x80], false), ([0xed, 0xbf, 0xbf], false), ([0xee, 0x80, 0x80], true), ([0xef, 0xbf, 0xbf], true),
        ([0xef, 0xbf, 0xc0], false), ([0xf0, 0x8f, 0xbf, 0xbf], false), ([0xf0, 0x90, 0x80, 0x80], true), ([0xf1, 0x80, 0x80, 0x80], true),
        ([0xf3, 0xbf, 0xbf, 0xbf], true), ([0xf4, 0x8f, 0xbf, 0xbf], true), ([0xf4, 0x90, 0x80, 0x80], false), ([0xf5, 0x80, 0x80, 0x80], false),
        ([0xf0, 0x90, 0x80], false), ([0xe1, 0x80], false), ([0xfe], false), ([0xff], false), ([0xf8, 0x88, 0x80, 0x80, 0x80], false),
    ]

    /// Every length of text before the sequence, so that it stands at every place of a word.
    @Test(arguments: sequences) func decidesUTF8AtEveryPlace(_ sequence: [UInt8], _ isValid: Bool) {
        for padding in 0...17 {
            let before = [UInt8](repeating: UInt8(ascii: "x"), count: padding)
            for after in [[], [UInt8](repeating: UInt8(ascii: "y"), count: 9)] {
                let fault = scan([0x22] + before + sequence + after + [0x22]).fault
                #expect((fault == nil) == isValid, "\(padding)")
                if let fault { #expect(fault.kindAndOffset == "invalidUTF8 \(padding + 1)") }
            }
        }
    }

    /// Every byte at every place of a word, in a string.
    @Test func decidesEveryByteAtEveryPlace() {
        for byte in UInt8.min...UInt8.max {
            for padding in 0...9 {
                let before = [UInt8](repeating: UInt8(ascii: "x"), count: padding)
                let fault = scan([0x22] + before + [byte] + before + [0x22]).fault
                let isPlain = byte >= 0x20 && byte < 0x80 && byte != 0x22 && byte != 0x5c
                #expect((fault == nil) == isPlain || (byte == 0x22 && padding == 0), "\(byte) \(padding)")
            }
        }
    }

    @Test func refusesEveryPrefix() {
        let text = Array(#"{"a":[1.5e3,true,"\ud83d\ude00é",{"b":null}],"c":-0}"#.utf8)
        #expect(scan(text).fault == nil)
        for count in text.indices { #expect(scan(Array(text.prefix(count))).fault?.kind == .unexpectedEnd, "\(count)") }
    }

    @Test(arguments: [2, 32, 64, 65, 1024]) func boundsTheDepth(_ maxDepth: Int) {
        for (opening, closing) in [("[", "]"), ("{\"a\":", "}")] {
            func nested(_ depth: Int) -> String {
                String(repeating: opening, count: depth - 1) + (opening == "[" ? "[]" : "{}")
                    + String(repeating: closing, count: depth - 1)
            }
            #expect(scan(nested(maxDepth - 1), maxDepth: maxDepth).fault == nil)
            #expect(scan(nested(maxDepth), maxDepth: maxDepth).fault == nil)
            #expect(scan(nested(maxDepth + 1), maxDepth: maxDepth).fault
                == JSONFault(.tooDeep, at: maxDepth * opening.utf8.count))
        }
    }

    @Test func noCallerGoesBeyondTheGreatestDepth() {
        let text = String(repeating: "[", count: 1025) + String(repeating: "]", count: 1025)
        #expect(scan(text, maxDepth: .max).fault == JSONFault(.tooDeep, at: 1024))
    }

    @Test func keepsApartObjectsAndArraysAcrossWordsOfLevels() {
        // 200 levels that alternate by no simple rule, closed rightly and once wrongly.
        var opening = ""
        var closing = ""
        for level in 0..<200 {
            let isObject = (level * level / 3) % 2 == 0
            opening += isObject ? "{\"k\":" : "["
            closing = (isObject ? "}" : "]") + closing
        }
        #expect(scan(opening + "1" + closing, maxDepth: 200).fault == nil)
        for place in 0..<200 {
            var wrong = Array(closing)
            wrong[place] = wrong[place] == "}" ? "]" : "}"
            #expect(scan(opening + "1" + String(wrong), maxDepth: 200).fault?.kind == .unexpectedByte)
        }
    }

    @Test func valueStopsBehindItself() throws {
        let bytes = Array("  [1, 2] rest".utf8)
        let value = try JSONScanner.value(in: bytes.span, at: 2, maxDepth: 1)
        #expect(value.kind == .array)
        #expect(value.range == ByteRange(2, 8))
    }

    @Test(arguments: [("x", 1, 1), ("{\n  \"ä\": x}", 2, 8), ("\n\n\n x", 4, 2), ("[1,\r\n2,\r\n]", 3, 1), ("[", 1, 2)])
    func tellsLineAndColumn(_ text: String, _ line: Int, _ column: Int) throws {
        let bytes = Array(text.utf8)
        let fault = try #require(scan(bytes).fault)
        let position = fault.position(in: bytes.span)
        #expect(position.line == line)
        #expect(position.column == column)
    }
}
