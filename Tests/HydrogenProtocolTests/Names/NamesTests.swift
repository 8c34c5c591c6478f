import HydrogenProtocol
import Testing

@Suite struct NamesTests {
    private func isChannel(_ text: String) -> Bool { ChannelName.isValid(Array(text.utf8).span) }
    private func isAction(_ text: String) -> Bool { ActionName.isValid(Array(text.utf8).span) }
    private func isID(_ bytes: [UInt8]) -> Bool { EnvelopeID.isValid(bytes.span) }

    @Test(arguments: ["a", "z", "print", "printer-farm", "a_b", "a0", "a9-_", "x--", "system"])
    func takesNamesOfBothSorts(_ text: String) {
        #expect(self.isChannel(text))
        #expect(self.isAction(text))
    }

    @Test(arguments: ["", "A", "aB", "0", "0a", "-a", "_a", "a b", " a", "a ", "a\0", "ä", "a:b", "a/b", "*", "a*", "a\n"])
    func refusesOthersOfBothSorts(_ text: String) {
        #expect(!self.isChannel(text))
        #expect(!self.isAction(text))
    }

    @Test(arguments: [("a.b", true), ("a.b.c.d", true), ("a.b-1.c_2", true), (".", false), ("a.", false), (".a", false),
                      ("a..b", false), ("a.0", false), ("a.-b", false), ("a._", false), ("a.B", false)])
    func joinsSegmentsOfActionsByDots(_ text: String, _ isValid: Bool) {
        #expect(self.isAction(text) == isValid)
        #expect(!self.isChannel(text))
    }

    @Test func boundsTheLength() {
        for (count, fits) in [(ChannelName.maxCount - 1, true), (ChannelName.maxCount, true), (ChannelName.maxCount + 1, false)] {
            #expect(self.isChannel(String(repeating: "a", count: count)) == fits)
        }
        for (count, fits) in [(ActionName.maxCount - 1, true), (ActionName.maxCount, true), (ActionName.maxCount + 1, false)] {
            #expect(self.isAction(String(repeating: "a", count: count)) == fits)
        }
        for (count, fits) in [(EnvelopeID.maxCount - 1, true), (EnvelopeID.maxCount, true), (EnvelopeID.maxCount + 1, false)] {
            #expect(self.isID([UInt8](repeating: 0x41, count: count)) == fits)
        }
        #expect(ChannelName.maxCount == 64)
        #expect(ActionName.maxCount == 128)
        #expect(EnvelopeID.maxCount == 128)
    }

    /// Every byte, in ids of each length up to two words, at each place.
    @Test func decidesEveryByteOfAnID() {
        for byte in UInt8.min...UInt8.max {
            for count in 1...16 {
                for place in 0..<count {
                    var id = [UInt8](repeating: 0x61, count: count)
                    id[place] = byte
                    #expect(self.isID(id) == (byte >= 0x20 && byte != 0x7f))
                }
            }
        }
    }

    /// Every byte, alone and behind a letter.
    @Test func decidesEveryByte() {
        for byte in UInt8.min...UInt8.max {
            let isLetter = (0x61...0x7a).contains(byte)
            let isInside = isLetter || (0x30...0x39).contains(byte) || byte == 0x5f || byte == 0x2d
            #expect(ChannelName.isValid([byte].span) == isLetter)
            #expect(ActionName.isValid([byte].span) == isLetter)
            #expect(ChannelName.isValid([0x61, byte].span) == isInside)
            #expect(ActionName.isValid([0x61, byte].span) == isInside)
        }
    }

    /// Ids are UTF-8 without control characters, of which Unicode has 65.
    @Test func decidesEveryCharacterOfAnID() {
        for value in UInt32(0)...0x2ff {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let isControl = scalar.properties.generalCategory == .control
            #expect(self.isID(Array(String(Character(scalar)).utf8)) == !isControl, "\(value)")
        }
        for text in ["😀", "\u{2028}", "\u{10ffff}", "\u{fffd}", "a b", "\u{c0}", "\u{4080}"] {
            #expect(self.isID(Array(text.utf8)), "\(text)")
        }
    }
}
