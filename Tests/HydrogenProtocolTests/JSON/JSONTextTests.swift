import Foundation
import HydrogenProtocol
import Testing

@Suite struct JSONTextTests {
    private func decoded(_ text: String) throws -> String? {
        let value = try value(text)
        return value.text?.string(in: Array(text.utf8).span)
    }

    static let strings: [(String, String)] = [
        (#""""#, ""), (#""a""#, "a"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"), (#""\u0041\u00e4\u20AC""#, "Aä€"),
        (#""\ud83d\ude00""#, "😀"), (#""\uD800\uDC00\udbff\udfff""#, "\u{10000}\u{10ffff}"), (#""\u0000\u007f\u0080\u07ff\u0800\uffff""#,
         "\0\u{7f}\u{80}\u{7ff}\u{800}\u{ffff}"), (#""ä\u00e4😀""#, "ää😀"), (#""\\u0041""#, "\\u0041"),
    ]

    @Test(arguments: strings) func readsEscapes(_ text: String, _ expected: String) throws {
        #expect(try self.decoded(text) == expected)
    }

    /// Strings around the length that fits on the stack, with an escape and without.
    @Test(arguments: [0, 1, 249, 250, 251, 255, 256, 257, 1_000]) func handsOutItsBytesAtEveryLength(_ count: Int) throws {
        let plain = String(repeating: "x", count: count)
        for (text, expected) in [("\"\(plain)\"", plain), ("\"\(plain)\\n\"", plain + "\n")] {
            let bytes = Array(text.utf8)
            let value = try #require(try value(text).text)
            let seen = value.withBytes(in: bytes.span) { [UInt8]($0) }
            #expect(String(decoding: seen, as: UTF8.self) == expected)
            #expect(value.string(in: bytes.span) == expected)
            #expect(written { value.appendDecoded(in: bytes.span, to: &$0) } == expected)
        }
    }

    /// Any text that is written comes back, through our reader and another one.
    @Test func whatIsWrittenIsRead() throws {
        var random = SeededGenerator(seed: 6)
        for _ in 0..<500 {
            var text = ""
            for _ in 0..<random.below(20) {
                text.unicodeScalars.append(
                    random.pick(["a", "b", "\"", "\\", "\0", "\u{1f}", "\n", "\u{7f}", "ä", "€", "😀", "\u{2028}", "/", "abcdefgh".unicodeScalars.first!]))
            }
            let json = written { $0.append(jsonString: text) }
            #expect(try self.decoded(json) == text)
            #expect(try JSONDecoder().decode([String].self, from: Data("[\(json)]".utf8)) == [text])
        }
    }

    /// Each character that must be escaped, at each place of a word, in its shortest form.
    @Test func escapesWhatMustBeEscaped() {
        let short: [UInt8: String] = [0x08: "\\b", 0x09: "\\t", 0x0a: "\\n", 0x0c: "\\f", 0x0d: "\\r", 0x22: "\\\"", 0x5c: "\\\\"]
        for byte in UInt8(0)..<0x80 {
            let digits = String(byte, radix: 16)
            let long = "\\u00" + (digits.count == 1 ? "0" : "") + digits
            let expected = short[byte] ?? (byte < 0x20 ? long : String(UnicodeScalar(byte)))
            for before in 0...9 {
                let padding = String(repeating: "x", count: before)
                #expect(written { $0.append(jsonString: padding + String(UnicodeScalar(byte)) + padding) } == "\"\(padding)\(expected)\(padding)\"")
            }
        }
    }

    @Test(arguments: [
        ("a", "a", 0), ("a", "b", -1), ("b", "a", 1), ("", "a", -1), ("a", "ab", -1), ("Z", "a", -1), ("z", "ä", -1), ("\u{ffff}", "😀", -1),
        ("abcdefghi", "abcdefghj", -1), ("abcdefghij", "abcdefghi", 1), ("\n", "\n", 0),
    ])
    func comparesByCodePointThroughEscapes(_ left: String, _ right: String, _ order: Int) throws {
        func escaped(_ text: String) -> String {
            "\"" + text.utf16.map { unit in
                let digits = String(unit, radix: 16)
                return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }.joined() + "\""
        }
        func plain(_ text: String) -> String { written { $0.append(jsonString: text) } }
        for leftText in [plain(left), escaped(left)] {
            for rightText in [plain(right), escaped(right)] {
                let found = JSONValue.order(
                    try value(leftText), in: Array(leftText.utf8).span, try value(rightText), in: Array(rightText.utf8).span)
                #expect(found?.signum() == order)
            }
        }
    }
}
